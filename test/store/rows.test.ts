import type { Row } from '@libsql/client/http'
import { describe, expect, it } from 'vitest'
import { all, hasRow, integer, isWon, nullable, only, text, totpParameters } from '../../src/store/rows.ts'

const UNBELIEVABLE = expect.objectContaining({
  code: 'unavailable',
  options: expect.objectContaining({ retryAfterSeconds: 1 }),
})

function row(columns: Readonly<Record<string, unknown>>): Row {
  return columns as Row
}

describe('an answer of the database', () => {
  it('is read column by column', () => {
    const found = row({ name: 'Phone', at: 8.64e15, gone: null, algorithm: 'SHA1', digits: 6, step_seconds: 30 })
    expect(text(found, 'name')).toBe('Phone')
    expect(integer(found, 'at')).toBe(8.64e15)
    expect(nullable(integer, found, 'gone')).toBeNull()
    expect(nullable(text, found, 'name')).toBe('Phone')
    expect(totpParameters(found)).toEqual({ algorithm: 'SHA1', digits: 6, stepSeconds: 30 })
    expect(only([found])).toBe(found)
  })

  it.each([undefined, null, 7, 7n, new ArrayBuffer(1)])('is not believed where a text is %s', (value) => {
    expect(() => text(row({ name: value }), 'name')).toThrow(UNBELIEVABLE)
  })

  it.each([undefined, null, '7', 7n, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15 - 1])(
    'is not believed where a number is %s',
    (value) => {
      expect(() => integer(row({ at: value }), 'at')).toThrow(UNBELIEVABLE)
    },
  )

  it('is not believed without the row that there always is', () => {
    for (const rows of [undefined, []]) expect(() => only(rows)).toThrow(UNBELIEVABLE)
    expect(() => isWon([])).toThrow(UNBELIEVABLE)
    expect(() => isWon([[row({})]])).toThrow(UNBELIEVABLE)
  })

  it('may be no rows, but not the answer of no statement', () => {
    expect(all([])).toEqual([])
    expect(() => all(undefined)).toThrow(UNBELIEVABLE)
  })

  it('tells whether a batch has won, and whether a row was touched', () => {
    expect(isWon([[], [row({ won: 1 })]])).toBe(true)
    expect(isWon([[row({ won: 1 })], [row({ won: 0 })]])).toBe(false)
    expect([undefined, [], [row({})]].map(hasRow)).toEqual([false, false, true])
  })
})
