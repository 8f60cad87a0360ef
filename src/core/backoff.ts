const FIRST_DELAY_MS = 10_000
const LONGEST_DELAY_MS = 21_600_000
const FACTOR = 3
/** Milliseconds after which a delivery is given up: three days. */
const GIVE_UP_AFTER_MS = 259_200_000

/**
 * Returns when to retry a failed delivery, in milliseconds since the epoch: after 10 s to 6 h, spread by `jitter`, and
 * not before the receiver's `Retry-After`, of which 6 h count at most. Returns undefined after three days.
 * @param delivery `attempts` is the number of failed attempts, including the last one; `jitter` is from 0 to 1; the
 * other members are milliseconds
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
