import { base32nopad } from '@scure/base'
import type { TotpParameters } from './totp.ts'

/** The secret as authenticator apps take it: base32 without padding (RFC 4648 §6). */
export function encodeSecret(secret: Uint8Array): string {
  return base32nopad.encode(secret)
}

/**
 * The Key URI that an authenticator app scans. The issuer stands in the label and as a parameter, a space is `%20`,
 * and a colon of the account, which would end the issuer, becomes a hyphen. A claim may hold a lone surrogate, which
 * has no UTF-8: it becomes U+FFFD.
 * @see https://github.com/google/google-authenticator/wiki/Key-Uri-Format
 */
export function otpauthUri(options: {
  readonly secret: Uint8Array
  readonly issuer: string
  readonly account: string
  readonly parameters: TotpParameters
}): string {
  const { algorithm, digits, stepSeconds } = options.parameters
  const issuer = encodeURIComponent(options.issuer)
  const account = encodeURIComponent(options.account.replaceAll(':', '-').toWellFormed())
  const secret = encodeSecret(options.secret)
  const counting = `algorithm=${algorithm}&digits=${digits}&period=${stepSeconds}`
  return `otpauth://totp/${issuer}:${account}?secret=${secret}&issuer=${issuer}&${counting}`
}
