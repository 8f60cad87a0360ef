import { base64urlnopad } from '@scure/base'

const VERSION = 'v1'
/** Bytes of an AES-GCM initialization vector: 96 random bits (NIST SP 800-38D §8.2.2). */
export const IV_BYTES = 12

/**
 * Encrypts with AES-256-GCM. Returns the envelope `v1.<keyId>.<iv>.<ciphertext>`, whose last two parts are base64url.
 * Opening it takes the same `additionalData`.
 */
export async function seal(options: {
  readonly key: CryptoKey
  readonly keyId: string
  readonly iv: Uint8Array<ArrayBuffer>
  readonly plaintext: Uint8Array<ArrayBuffer>
  readonly additionalData: Uint8Array<ArrayBuffer>
}): Promise<string> {
  const { key, keyId, iv, plaintext, additionalData } = options
  const ciphertext = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plaintext)
  return [VERSION, keyId, base64urlnopad.encode(iv), base64urlnopad.encode(new Uint8Array(ciphertext))].join('.')
}

/**
 * Opens an envelope with the key that `keyFor` returns for its key id. Returns undefined when the envelope is malformed
 * or its key unknown, or when the ciphertext or the additional data do not match.
 */
export async function open(
  sealed: string,
  options: {
    readonly keyFor: (keyId: string) => Promise<CryptoKey | undefined>
    readonly additionalData: Uint8Array<ArrayBuffer>
  },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const [version, keyId, iv, ciphertext, ...rest] = sealed.split('.')
  if (version !== VERSION || keyId === undefined || iv === undefined || ciphertext === undefined) return undefined
  if (rest.length > 0) return undefined
  const key = await options.keyFor(keyId)
  if (key === undefined) return undefined
  try {
    const parameters = { name: 'AES-GCM', iv: decode(iv), additionalData: options.additionalData }
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, decode(ciphertext)))
  } catch {
    return undefined
  }
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base64urlnopad.decode(text))
}
