import { describe, expect, it } from 'vitest'
import { failuresLeft, throttleAt, waitAfter } from '../../src/core/throttle.ts'

const NOW = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000
const EVERY_FAILURE = Array.from({ length: 100 }, (_, index) => index + 1)

/** Seconds of wait by number of failures in a row; from the twelfth on it is an hour. */
const WAITS = new Map([
  ...[1, 2, 3, 4].map((failures) => [failures, 0] as const),
  [5, 30],
  [6, 60],
  [7, 120],
  [8, 240],
  [9, 480],
  [10, 960],
  [11, 1920],
])

describe('waitAfter', () => {
  it.each(EVERY_FAILURE)('gives the wait of failure %i', (failures) => {
    expect(waitAfter(failures)).toBe((WAITS.get(failures) ?? 3600) * 1000)
  })

  it('costs nothing before the first failure, and stays an hour after the last', () => {
    expect(waitAfter(0)).toBe(0)
    expect(waitAfter(5000)).toBe(HOUR_MS)
  })
})

describe('throttleAt', () => {
  it.each(EVERY_FAILURE.filter((failures) => failures < 100))('waits after failure %i as it costs', (failures) => {
    const wait = waitAfter(failures)
    const stored = { failures, retryAt: NOW + wait }
    const expected =
      wait > 0 ? { kind: 'waiting', retryAfterSeconds: wait / 1000 } : { kind: 'open', failuresLeft: 5 - failures }
    expect(throttleAt(NOW, stored)).toEqual(expected)
    expect(throttleAt(NOW + wait, stored)).toMatchObject({ kind: 'open' })
  })

  it.each([
    { left: 1, seconds: 1 },
    { left: 1000, seconds: 1 },
    { left: 1001, seconds: 2 },
    { left: 29_999, seconds: 30 },
  ])('rounds $left ms up to $seconds s', ({ left, seconds }) => {
    const stored = { failures: 5, retryAt: NOW + left }
    expect(throttleAt(NOW, stored)).toEqual({ kind: 'waiting', retryAfterSeconds: seconds })
  })

  it.each([100, 101, 5000])('blocks from the hundredth failure on: %i', (failures) => {
    expect(throttleAt(NOW, { failures, retryAt: null })).toEqual({ kind: 'blocked' })
    expect(throttleAt(NOW, { failures, retryAt: NOW - HOUR_MS })).toEqual({ kind: 'blocked' })
  })

  it.each([HOUR_MS + 1, 365 * 24 * HOUR_MS, Number.MAX_SAFE_INTEGER - NOW])(
    'takes no stored wait as further away than an hour: %i ms',
    (ahead) => {
      expect(throttleAt(NOW, { failures: 12, retryAt: NOW + ahead })).toEqual({
        kind: 'waiting',
        retryAfterSeconds: 3600,
      })
    },
  )

  it('is open without a stored wait', () => {
    expect(throttleAt(NOW, { failures: 0, retryAt: null })).toEqual({ kind: 'open', failuresLeft: 5 })
  })
})

describe('failuresLeft', () => {
  it.each([
    { failures: 0, left: 5 },
    { failures: 1, left: 4 },
    { failures: 4, left: 1 },
    { failures: 5, left: 0 },
    { failures: 99, left: 0 },
  ])('is $left after $failures', ({ failures, left }) => {
    expect(failuresLeft(failures)).toBe(left)
  })
})
