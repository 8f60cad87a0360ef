import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  condition,
  decodeColumn,
  integer,
  nullableInteger,
  oneOf,
  only,
  text,
  unexpectedResult,
} from '../../src/store/rows.ts'
import { authenticator, subject } from '../../src/store/schema.ts'

const UNEXPECTED = expect.objectContaining({
  code: 'unavailable',
  options: expect.objectContaining({ retryAfterSeconds: 1 }),
})
const ONE = sql`1`
const NO_TEXT = [undefined, 7, 7n, new ArrayBuffer(1)]
const NO_INTEGER = [undefined, '7', 7n, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15 - 1]

describe('a result', () => {
  it('is decoded by the type of its column', () => {
    expect(decodeColumn(authenticator.name, 'Phone')).toBe('Phone')
    expect(decodeColumn(authenticator.createdAt, 8.64e15)).toBe(8.64e15)
    expect(decodeColumn(authenticator.lastUsedAt, null)).toBeNull()
    expect(decodeColumn(authenticator.algorithm, 'SHA1')).toBe('SHA1')
  })

  it('is decoded by the type of its expression', () => {
    expect(integer(ONE).decode(3)).toBe(3)
    expect(nullableInteger(ONE).decode(null)).toBeNull()
    expect(text(ONE).decode('x')).toBe('x')
    expect(oneOf(ONE, ['a', 'b']).decode('b')).toBe('b')
    expect([condition(ONE).decode(1), condition(ONE).decode(0)]).toEqual([true, false])
    expect(only([7])).toBe(7)
  })

  it.each([null, ...NO_TEXT])('is refused where a text is %s', (value) => {
    expect(() => decodeColumn(authenticator.name, value)).toThrow(UNEXPECTED)
    expect(() => text(ONE).decode(value)).toThrow(UNEXPECTED)
  })

  it.each([null, ...NO_INTEGER])('is refused where an integer is %s', (value) => {
    expect(() => decodeColumn(subject.createdAt, value)).toThrow(UNEXPECTED)
    expect(() => integer(ONE).decode(value)).toThrow(UNEXPECTED)
    expect(() => condition(ONE).decode(value)).toThrow(UNEXPECTED)
  })

  it.each(NO_INTEGER)('is refused where an integer or NULL is %s', (value) => {
    expect(() => decodeColumn(subject.enabledAt, value)).toThrow(UNEXPECTED)
    expect(() => nullableInteger(ONE).decode(value)).toThrow(UNEXPECTED)
  })

  it('is refused where the value is not one of its enumeration', () => {
    expect(() => decodeColumn(authenticator.algorithm, 'MD5')).toThrow(UNEXPECTED)
    expect(() => oneOf(ONE, ['a', 'b']).decode('c')).toThrow(UNEXPECTED)
  })

  it('is refused without the row that a statement always returns', () => {
    expect(() => only([])).toThrow(UNEXPECTED)
    expect(() => unexpectedResult('row')).toThrow(UNEXPECTED)
  })
})
