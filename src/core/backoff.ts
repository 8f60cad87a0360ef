const FIRST_DELAY_MS = 10_000
const LONGEST_DELAY_MS = 21_600_000
const FACTOR = 3
/** How long a delivery is tried: three days. */
const GIVE_UP_AFTER_MS = 259_200_000

/**
 * When to try a failed delivery again: from 10 s to 6 h, spread by `jitter` so that many failures do not come back as
 * one, and never before the receiver's own `Retry-After`. Undefined once three days are over.
 * @param delivery `attempts` failed, the last one included; `jitter` from 0 to 1; the rest in milliseconds
 */
export function nextAttemptAt(delivery: {
  readonly attempts: number
  readonly createdAt: number
  readonly now: number
  readonly retryAfterMs: number
  readonly jitter: number
}): number | undefined {
  const { attempts, createdAt, now, retryAfterMs, jitter } = delivery
  if (now - createdAt >= GIVE_UP_AFTER_MS) return undefined
  const full = Math.min(FIRST_DELAY_MS * FACTOR ** (attempts - 1), LONGEST_DELAY_MS)
  const spread = full / 2 + (full / 2) * jitter
  return now + Math.round(Math.max(spread, Math.min(retryAfterMs, LONGEST_DELAY_MS)))
}
