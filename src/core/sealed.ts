import { base64urlnopad } from '@scure/base'

const VERSION = 'v1'
/** Bytes of an AES-GCM nonce (NIST SP 800-38D §8.2.2: 96 random bits). */
export const IV_BYTES = 12

/**
 * Encrypts under AES-256-GCM into the envelope `v1.<keyId>.<iv>.<ciphertext>`; the two last parts are base64url.
 * `additionalData` binds the envelope to its place: it opens nowhere else.
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
 * Opens an envelope with the key that `keyFor` finds for its key id. Undefined when the envelope is malformed, was
 * made under a key that is gone, or was changed or moved: it fails closed, without saying which.
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
