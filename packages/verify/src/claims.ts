import type { JWTPayload } from 'jose'
import { StepUpError } from './errors.ts'

/** The claims of an accepted step-up token. */
export type StepUpClaims = {
  readonly iss: string
  readonly sub: string
  /** The issuer of the access token with which the user was challenged. */
  readonly sub_iss: string
  readonly aud: string | readonly string[]
  /** Seconds since the epoch, as `exp` and `auth_time`. */
  readonly iat: number
  readonly exp: number
  /** When the second factor was verified. */
  readonly auth_time: number
  readonly acr: string
  /** `["otp","mfa"]` after a TOTP code, `["mfa"]` after a backup code (RFC 8176). */
  readonly amr: readonly string[]
  readonly jti: string
  /** The transaction that the user approved (RFC 8417 §2.2). */
  readonly txn?: string
  /** The service that requested the token, where it was not the user. */
  readonly client_id?: string
}

/** The claims of a payload whose signature is valid. Throws `malformed-token` when one is missing or has another type. */
export function readClaims(payload: JWTPayload): StepUpClaims {
  const { iss, sub, sub_iss, aud, iat, exp, auth_time, acr, amr, jti, txn, client_id } = payload
  if (!(isText(iss) && isText(sub) && isText(sub_iss) && isText(acr) && isText(jti))) throw malformed()
  if (!(isMoment(iat) && isMoment(exp) && isMoment(auth_time))) throw malformed()
  if (aud === undefined || !isTexts(amr)) throw malformed()
  if (!(isTextOrAbsent(txn) && isTextOrAbsent(client_id))) throw malformed()
  const optional = { ...(txn !== undefined && { txn }), ...(client_id !== undefined && { client_id }) }
  return { iss, sub, sub_iss, aud, iat, exp, auth_time, acr, amr, jti, ...optional }
}

function malformed(): StepUpError {
  return new StepUpError('malformed-token')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || isText(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

/** JSON can express numbers that JavaScript reads as Infinity. */
function isMoment(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
