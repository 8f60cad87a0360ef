import { constantTimeEqual, utf8 } from './bytes.ts'
import { hotp, importOtpKey, type OtpAlgorithm } from './hotp.ts'

/** How an authenticator counts; stored beside each secret and bound to it. */
export type TotpParameters = { readonly algorithm: OtpAlgorithm; readonly digits: number; readonly stepSeconds: number }

/** What every authenticator app understands (Key URI Format; RFC 6238 §4). */
export const TOTP_PARAMETERS: TotpParameters = { algorithm: 'SHA1', digits: 6, stepSeconds: 30 }
/** Bytes of a new secret: 160 bits (RFC 4226 §4 R6). */
export const SECRET_BYTES = 20
/** Steps accepted on either side of the present one (RFC 6238 §5.2 and §6). */
export const DRIFT_STEPS = 1
/** Steps on either side within which a code only tells how wrong a clock is: 10 minutes. */
export const SKEW_HINT_STEPS = 20

/** The time step that a moment lies in (RFC 6238 §4.2). @param now milliseconds since the epoch */
export function stepAt(now: number, stepSeconds: number): number {
  return Math.floor(now / (stepSeconds * 1000))
}

/** The steps from `centre - radius` to `centre + radius` that exist, in ascending order. */
export function stepsAround(centre: number, radius: number): readonly number[] {
  return Array.from({ length: 2 * radius + 1 }, (_, index) => centre - radius + index).filter((step) => step >= 0)
}

/**
 * The steps among `steps` whose code is `code`, in their order. Every candidate is computed and compared in constant
 * time, so that neither the answer's time nor an early exit tells a near miss (ASVS 5.0 11.2.4).
 */
export async function matchingSteps(
  secret: Uint8Array<ArrayBuffer>,
  options: { readonly parameters: TotpParameters; readonly code: string; readonly steps: readonly number[] },
): Promise<readonly number[]> {
  const { parameters, steps } = options
  const key = await importOtpKey(secret, parameters.algorithm)
  const given = utf8(options.code)
  const candidates = await Promise.all(steps.map((counter) => hotp(key, { counter, digits: parameters.digits })))
  const matches = candidates.map((candidate) => constantTimeEqual(candidate, given))
  return steps.filter((_, index) => matches[index])
}
