import { describe, expect, it } from 'vitest'
import { nextAttemptAt } from '../../src/core/backoff.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FAILED = { attempts: 1, createdAt: 0, now: 0, retryAfterMs: 0, jitter: 1 }

describe('nextAttemptAt', () => {
  it.each([
    [1, 10_000],
    [2, 30_000],
    [3, 90_000],
    [7, 7_290_000],
    [8, 6 * HOUR_MS],
    [50, 6 * HOUR_MS],
  ])('after failure %i waits %i ms at most, half as long at least', (attempts, longest) => {
    expect(nextAttemptAt({ ...FAILED, attempts })).toBe(longest)
    expect(nextAttemptAt({ ...FAILED, attempts, jitter: 0 })).toBe(longest / 2)
  })

  it('waits for what the receiver asked, but not longer than for itself', () => {
    expect(nextAttemptAt({ ...FAILED, retryAfterMs: HOUR_MS })).toBe(HOUR_MS)
    expect(nextAttemptAt({ ...FAILED, retryAfterMs: 1 })).toBe(10_000)
    expect(nextAttemptAt({ ...FAILED, retryAfterMs: 30 * DAY_MS })).toBe(6 * HOUR_MS)
  })

  it('gives up after three days', () => {
    expect(nextAttemptAt({ ...FAILED, now: 3 * DAY_MS - 1 })).toBeTypeOf('number')
    expect(nextAttemptAt({ ...FAILED, now: 3 * DAY_MS })).toBeUndefined()
    const since = 400 * DAY_MS
    expect(nextAttemptAt({ ...FAILED, createdAt: since, now: since })).toBe(since + 10_000)
    expect(nextAttemptAt({ ...FAILED, createdAt: since, now: since + 3 * DAY_MS })).toBeUndefined()
  })
})
