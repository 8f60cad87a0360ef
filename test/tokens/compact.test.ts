import { base64, base64url } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { decodeCompact } from '../../src/tokens/compact.ts'
import { part } from '../support/forge.ts'

const HEADER = part({ alg: 'HS256' })
const CLAIMS = part({ sub: 'alice' })
const SIGNATURE = part(new Uint8Array(32).fill(0xfb))
const TOKEN = `${HEADER}.${CLAIMS}.${SIGNATURE}`

/** A token of exactly this many characters; all its parts are right. */
function tokenOf(length: number): string {
  for (let fill = length; fill > 0; fill -= 1) {
    const token = `${HEADER}.${part({ sub: 'a'.repeat(fill) })}.${SIGNATURE}`
    if (token.length === length) return token
    if (token.length < length) return `${token}${'A'.repeat(4 * Math.floor((length - token.length) / 4))}`
  }
  throw new Error('too short')
}

describe('decodeCompact', () => {
  it('reads header and claims', () => {
    expect(decodeCompact(TOKEN)).toEqual({ header: { alg: 'HS256' }, claims: { sub: 'alice' } })
  })

  it('reads 8 KiB and not a character more', () => {
    const longest = tokenOf(8192)
    expect(longest).toHaveLength(8192)
    expect(decodeCompact(longest)).toBeDefined()
    expect(decodeCompact(`${longest}AAAA`)).toBeUndefined()
    expect(decodeCompact('a'.repeat(1_000_000))).toBeUndefined()
  })

  it.each([
    ['nothing', ''],
    ['dots alone', '..'],
    ['one part', HEADER],
    ['two parts', `${HEADER}.${CLAIMS}`],
    ['four parts', `${TOKEN}.${SIGNATURE}`],
    ['five parts, as a JWE has', `${HEADER}.${CLAIMS}.${SIGNATURE}.${SIGNATURE}.${SIGNATURE}`],
    ['an empty header', `.${CLAIMS}.${SIGNATURE}`],
    ['empty claims, as a detached payload has', `${HEADER}..${SIGNATURE}`],
    ['an empty signature', `${HEADER}.${CLAIMS}.`],
    ['a dot before', `.${TOKEN}`],
    ['a dot after', `${TOKEN}.`],
    ['a space before', ` ${TOKEN}`],
    ['a space after', `${TOKEN} `],
    ['a space within', `${HEADER}. ${CLAIMS}.${SIGNATURE}`],
    ['a line end', `${TOKEN}\n`],
    ['a tab', `${HEADER}.\t${CLAIMS}.${SIGNATURE}`],
    ['a NUL', `${TOKEN}\0`],
    ['a character beyond ASCII', `${TOKEN}é`],
    ['a comma and another token', `${TOKEN},${TOKEN}`],
    ['a JSON serialization', JSON.stringify({ payload: CLAIMS, protected: HEADER, signature: SIGNATURE })],
  ])('refuses %s (RFC 7515 §7.1)', (_, token) => {
    expect(decodeCompact(token)).toBeUndefined()
  })

  it.each([
    ['padding', `${TOKEN}=`],
    [
      'padding in the header',
      `${base64url.encode(new TextEncoder().encode('{"alg":"HS256"} '))}.${CLAIMS}.${SIGNATURE}`,
    ],
    ['the alphabet of plain base64', `${HEADER}.${CLAIMS}.${base64.encode(new Uint8Array(33).fill(0xfb))}`],
    ['unused bits in the signature', `${HEADER}.${CLAIMS}.${SIGNATURE.slice(0, -1)}${nextSymbol(SIGNATURE.slice(-1))}`],
    [
      'unused bits in the claims',
      `${HEADER}.${part('{"a":1}').slice(0, -1)}${nextSymbol(part('{"a":1}').slice(-1))}.${SIGNATURE}`,
    ],
    ['a symbol too many', `${HEADER}.${CLAIMS}.AAAAA`],
    ['a single symbol', `${HEADER}.${CLAIMS}.A`],
  ])('refuses a second spelling: %s (RFC 4648 §3.5)', (_, token) => {
    expect(decodeCompact(token)).toBeUndefined()
  })

  it.each([
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['an array', '[]'],
    ['a string', '"alg"'],
    ['a number', '7'],
    ['true', 'true'],
    ['an unfinished object', '{"alg":'],
    ['two objects', '{}{}'],
    ['a byte order mark', '\ufeff{"alg":"HS256"}'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an overlong encoding', new Uint8Array([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
    ['a surrogate in UTF-8', new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', new Uint8Array([0x7b, 0x00, 0x7d, 0x00])],
  ])('refuses %s as header and as claims', (_, value) => {
    expect(decodeCompact(`${part(value)}.${CLAIMS}.${SIGNATURE}`)).toBeUndefined()
    expect(decodeCompact(`${HEADER}.${part(value)}.${SIGNATURE}`)).toBeUndefined()
  })

  it('takes members called like those of every object as members alone', () => {
    const decoded = decodeCompact(`${HEADER}.${part('{"__proto__":{"sub":"mallory"}}')}.${SIGNATURE}`)
    expect(decoded?.claims['sub']).toBeUndefined()
  })
})

/** The next symbol of base64url: for a last symbol with unused bits, one that decodes to the same bytes if those are let pass. */
function nextSymbol(symbol: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.charAt(alphabet.indexOf(symbol) + 1)
}
