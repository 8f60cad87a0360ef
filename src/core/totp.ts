import { constantTimeEqual, utf8 } from './bytes.ts'
import { hotp, importOtpKey, type OtpAlgorithm } from './hotp.ts'

/** The TOTP parameters of an authenticator. They are stored beside each secret, which is bound to them. */
export type TotpParameters = { readonly algorithm: OtpAlgorithm; readonly digits: number; readonly stepSeconds: number }

/** The parameters of new secrets: those that every authenticator app supports (Key URI Format; RFC 6238 §4). */
export const TOTP_PARAMETERS: TotpParameters = { algorithm: 'SHA1', digits: 6, stepSeconds: 30 }
/** Bytes of a new secret: 160 bits (RFC 4226 §4 R6). */
export const SECRET_BYTES = 20
/** Time steps that are accepted before and after the current one (RFC 6238 §5.2 and §6). */
export const DRIFT_STEPS = 1
/** Time steps before and after the current one in which a code only serves to report the clock skew: 10 minutes. */
export const SKEW_HINT_STEPS = 20

/** Returns the time step of a time (RFC 6238 §4.2). @param now milliseconds since the epoch */
export function stepAt(now: number, stepSeconds: number): number {
  return Math.floor(now / (stepSeconds * 1000))
}

/** Returns the steps from `centre - radius` to `centre + radius` that are not negative, in ascending order. */
export function stepsAround(centre: number, radius: number): readonly number[] {
  return Array.from({ length: 2 * radius + 1 }, (_, index) => centre - radius + index).filter((step) => step >= 0)
}

/**
 * Returns the steps among `steps` whose code is `code`, in their order. It computes and compares every candidate in
 * constant time, so that the response time does not reveal a partial match (ASVS 5.0 11.2.4).
 */
export async function matchingSteps(
  secret: Uint8Array<ArrayBuffer>,
  options: { readonly parameters: TotpParameters; readonly code: string; readonly steps: readonly number[] },
): Promise<readonly number[]> {
  const { parameters, steps } = options
  const key = await importOtpKey(secret, parameters.algorithm)
  const presented = utf8(options.code)
  const candidates = await Promise.all(steps.map((counter) => hotp(key, { counter, digits: parameters.digits })))
  const matches = candidates.map((candidate) => constantTimeEqual(candidate, presented))
  return steps.filter((_, index) => matches[index])
}
