import { base32nopad } from '@scure/base'
import type { TotpParameters } from './totp.ts'

/** Characters of the longest account in a URI: the longest `sub`, percent-encoded. Beyond, no QR symbol would hold it. */
const LONGEST_ACCOUNT = 765

/** The secret as authenticator apps take it: base32 without padding (RFC 4648 §6). */
export function encodeSecret(secret: Uint8Array): string {
  return base32nopad.encode(secret)
}

/**
 * The Key URI that an authenticator app scans. The issuer stands in the label and as a parameter, a space is `%20`,
 * and a colon of the account, which would end the issuer, becomes a hyphen. A claim may hold a lone surrogate, which
 * has no UTF-8: it becomes U+FFFD. A claim may be of any length: what is too long for a QR symbol is cut off.
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
  const account = encodeAccount(options.account)
  const secret = encodeSecret(options.secret)
  const counting = `algorithm=${algorithm}&digits=${digits}&period=${stepSeconds}`
  return `otpauth://totp/${issuer}:${account}?secret=${secret}&issuer=${issuer}&${counting}`
}

function encodeAccount(account: string): string {
  let encoded = ''
  for (const character of account.replaceAll(':', '-').toWellFormed()) {
    const longer = encoded + encodeURIComponent(character)
    if (longer.length > LONGEST_ACCOUNT) break
    encoded = longer
  }
  return encoded
}
