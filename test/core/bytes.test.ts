import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundFields, constantTimeEqual, textOf } from '../../src/core/bytes.ts'
import { ascii } from '../support/core.ts'

describe('textOf', () => {
  it('reads UTF-8, a byte order mark included', () => {
    expect(textOf(new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa9]))).toBe('\ufeffé')
  })

  it('refuses bytes that are no UTF-8, and reads on afterwards', () => {
    expect(() => textOf(new Uint8Array([0x61, 0xc3]))).toThrow(TypeError)
    expect(textOf(new Uint8Array([0x62]))).toBe('b')
  })
})

describe('boundFields', () => {
  it('is a JSON array of strings that begins with purpose and version', () => {
    expect(textOf(boundFields('test', ['a', 'b"c']))).toBe('["edge-mfa/test","v1","a","b\\"c"]')
  })

  it('gives no two lists of fields one encoding', () => {
    const fields = fc.array(fc.string({ unit: 'binary', maxLength: 4 }), { maxLength: 3 })
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect(textOf(boundFields('test', a)) === textOf(boundFields('test', b))).toBe(same)
      }),
    )
  })

  it.each([
    { a: ['ab', 'c'], b: ['a', 'bc'] },
    { a: ['a', ''], b: ['a'] },
    { a: ['a","b'], b: ['a', 'b'] },
  ])('tells $a from $b', ({ a, b }) => {
    expect(textOf(boundFields('test', a))).not.toBe(textOf(boundFields('test', b)))
  })
})

describe('constantTimeEqual', () => {
  it.each([
    { a: '', b: '', equal: true },
    { a: '123456', b: '123456', equal: true },
    { a: '123456', b: '123457', equal: false },
    { a: '123456', b: '023456', equal: false },
    { a: '123456', b: '12345', equal: false },
    { a: '12345', b: '123456', equal: false },
    { a: '', b: '1', equal: false },
    { a: '\0', b: '', equal: false },
    { a: '', b: '\0', equal: false },
  ])('says $equal for $a and $b', ({ a, b, equal }) => {
    expect(constantTimeEqual(ascii(a), ascii(b))).toBe(equal)
  })
})
