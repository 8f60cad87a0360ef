import { utf8 } from './bytes.ts'

/** The hash functions of RFC 6238 §1.2, with their names in the Key URI Format. */
export type OtpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512'

const HASHES = { SHA1: 'SHA-1', SHA256: 'SHA-256', SHA512: 'SHA-512' } satisfies Record<OtpAlgorithm, string>

/** Imports a secret as a key for {@link hotp}. */
export async function importOtpKey(secret: Uint8Array<ArrayBuffer>, algorithm: OtpAlgorithm): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: HASHES[algorithm] }, false, ['sign'])
}

/**
 * Computes the one-time password of a counter, as the ASCII bytes of its digits.
 * @param options `counter` is an integer from 0 to 2^53 - 1
 * @see RFC 4226 §5.3
 */
export async function hotp(key: CryptoKey, options: { counter: number; digits: number }): Promise<Uint8Array> {
  const message = new DataView(new ArrayBuffer(8))
  message.setBigUint64(0, BigInt(options.counter))
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, message))
  const offset = mac.getUint8(mac.byteLength - 1) & 0x0f
  const truncated = mac.getUint32(offset) & 0x7fff_ffff
  return utf8(String(truncated % 10 ** options.digits).padStart(options.digits, '0'))
}
