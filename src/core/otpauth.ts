import { base32nopad } from '@scure/base'
import type { TotpParameters } from './totp.ts'

/** The maximum length of the account in a URI: the longest `sub`, percent-encoded. More may not fit a QR code. */
const LONGEST_ACCOUNT = 765

/** Encodes a secret for authenticator apps: base32 without padding (RFC 4648 §6). */
export function encodeSecret(secret: Uint8Array): string {
  return base32nopad.encode(secret)
}

/**
 * Returns the Key URI that an authenticator app scans. The issuer is part of the label and a parameter; spaces are
 * encoded as `%20`. In the account a colon, which separates issuer and account, becomes a hyphen, a lone surrogate
 * becomes U+FFFD, and what does not fit a QR code is cut off.
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
  const totp = `algorithm=${algorithm}&digits=${digits}&period=${stepSeconds}`
  return `otpauth://totp/${issuer}:${account}?secret=${secret}&issuer=${issuer}&${totp}`
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
