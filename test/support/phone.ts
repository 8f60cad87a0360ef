import { Secret, TOTP } from 'otpauth'

const STEP_MS = 30_000

/** The code that an authenticator app shows; an implementation that is not ours. @param at milliseconds since the epoch */
export function codeOf(secret: string, at = Date.now()): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at })
}

/** An authenticator app with a secret: its code, some steps away from now. */
export function phoneOf(secret: string): (stepsAhead: number) => string {
  return (stepsAhead) => codeOf(secret, Date.now() + stepsAhead * STEP_MS)
}

/** A code that the app shows at no moment near `at`. */
export function wrongCode(secret: string, at = Date.now()): string {
  const near = new Set(Array.from({ length: 61 }, (_, index) => codeOf(secret, at + (index - 30) * STEP_MS)))
  for (let candidate = 0; ; candidate += 1) {
    const code = String(candidate).padStart(6, '0')
    if (!near.has(code)) return code
  }
}
