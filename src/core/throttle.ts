/** The number of failures in a row that start no wait. */
export const FREE_FAILURES = 4
/** The wait after the next failure; each further failure doubles it. */
const FIRST_WAIT_MS = 30_000
/** The longest wait. A stored wait that is longer, because a clock was wrong, is cut to it. */
export const LONGEST_WAIT_MS = 3_600_000
/** The number of failures in a row that block TOTP. A backup code or an administrator removes the block. */
export const BLOCKING_FAILURES = 100

/** The minimum time between two unlocks of a subject: 24 hours. */
export const UNLOCK_INTERVAL_MS = 86_400_000

/** The state of the TOTP throttle of a subject. */
export type Throttle =
  | { readonly kind: 'open'; readonly failuresLeft: number }
  | { readonly kind: 'waiting'; readonly retryAfterSeconds: number }
  | { readonly kind: 'blocked' }

/**
 * The waits by number of failures in a row, the longest first: `waitMs` applies from `failures` on. The store generates
 * its SQL from this table.
 * @see NIST SP 800-63B-4 §3.2.2
 */
export const WAITS: readonly { readonly failures: number; readonly waitMs: number }[] = Array.from(
  { length: 1 + Math.ceil(Math.log2(LONGEST_WAIT_MS / FIRST_WAIT_MS)) },
  (_, doublings) => ({
    failures: FREE_FAILURES + 1 + doublings,
    waitMs: Math.min(FIRST_WAIT_MS * 2 ** doublings, LONGEST_WAIT_MS),
  }),
).reverse()

/** Returns the wait after a number of failures in a row, in milliseconds; 0 if they start none. */
export function waitAfter(failures: number): number {
  return WAITS.find((wait) => failures >= wait.failures)?.waitMs ?? 0
}

/** Returns whether a code may be evaluated now. `now` and `retryAt` are milliseconds since the epoch. */
export function throttleAt(now: number, stored: { failures: number; retryAt: number | null }): Throttle {
  if (stored.failures >= BLOCKING_FAILURES) return { kind: 'blocked' }
  const waitMs = Math.min((stored.retryAt ?? now) - now, LONGEST_WAIT_MS)
  if (waitMs > 0) return { kind: 'waiting', retryAfterSeconds: Math.ceil(waitMs / 1000) }
  return { kind: 'open', failuresLeft: failuresLeft(stored.failures) }
}

/** Returns the number of wrong codes left until the next wait: 4 after the first failure, 0 from the fifth on. */
export function failuresLeft(failures: number): number {
  return Math.max(FREE_FAILURES + 1 - failures, 0)
}
