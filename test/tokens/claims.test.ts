import { base64urlnopad } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { forge, withClaims } from '../support/forge.ts'
import { settingsFor } from '../support/issuer.ts'
import { SECRETS } from '../support/secrets.ts'
import { at, validClaims } from '../support/tokens.ts'

const NOW = Date.UTC(2026, 0, 1)
const SECONDS = NOW / 1000
const LIFETIME = 86_400
const SECRET = { kind: 'secret', secret: new Uint8Array(base64urlnopad.decode(SECRETS.hs256)) } as const
const verify = createAccessTokenVerifier(settingsFor(SECRET, { maxLifetimeSeconds: LIFETIME }))

async function outcome(token: Promise<string>, now = NOW): Promise<string> {
  return verify(await token, at(now)).then(
    () => 'valid',
    (error: { code: string }) => error.code,
  )
}

/** JSON knows no Infinity, but reads one: the claim is written by hand. */
function withLiteral(claim: string, literal: string): Promise<string> {
  const { [claim]: _, ...rest } = validClaims(NOW)
  return forge({ alg: 'HS256' }, `{"${claim}":${literal},${JSON.stringify(rest).slice(1)}`)
}

describe('iss', () => {
  it.each([
    ['another', 'https://other.example'],
    ['with a slash', 'https://issuer.example/'],
    ['in capitals', 'HTTPS://ISSUER.EXAMPLE'],
    ['an array', ['https://issuer.example']],
    ['a number', 1],
    ['empty', ''],
    ['null', null],
    ['missing', undefined],
  ])('is refused when %s (RFC 8725 §3.8)', async (_, iss) => {
    expect(await outcome(withClaims(NOW, { iss }))).toBe('invalid-token')
  })
})

describe('aud', () => {
  it.each([
    ['another', 'other'],
    ['in capitals', 'EDGE-MFA'],
    ['a list in a string', 'edge-mfa other'],
    ['a prefix', 'edge-mf'],
    ['an array without it', ['other']],
    ['an empty array', []],
    ['a nested array', [['edge-mfa']]],
    ['a number', 1],
    ['an object', { 'edge-mfa': true }],
    ['empty', ''],
    ['null', null],
    ['missing', undefined],
  ])('is refused when %s (RFC 8725 §3.9)', async (_, aud) => {
    expect(await outcome(withClaims(NOW, { aud }))).toBe('invalid-token')
  })
})

describe('exp, nbf and iat', () => {
  it.each(['exp', 'nbf', 'iat'])('%s is refused when it is no finite number', async (claim) => {
    const values = [String(SECONDS), '', 'soon', null, true, [SECONDS], { seconds: SECONDS }]
    for (const value of values) expect(await outcome(withClaims(NOW, { [claim]: value }))).toBe('invalid-token')
    for (const literal of ['1e999', '-1e999']) expect(await outcome(withLiteral(claim, literal))).toBe('invalid-token')
  })

  it.each([
    { claim: 'exp', value: undefined, expected: 'invalid-token' },
    { claim: 'nbf', value: undefined, expected: 'valid' },
    { claim: 'iat', value: undefined, expected: 'valid' },
  ])('$claim may be missing: $expected', async ({ claim, value, expected }) => {
    expect(await outcome(withClaims(NOW, { [claim]: value }))).toBe(expected)
  })

  it.each([
    { claims: { exp: SECONDS + 1 }, expected: 'valid' },
    { claims: { exp: SECONDS }, expected: 'valid' },
    { claims: { exp: SECONDS - 4 }, expected: 'valid' },
    { claims: { exp: SECONDS - 5 }, expected: 'invalid-token' },
    { claims: { exp: SECONDS - 6 }, expected: 'invalid-token' },
    { claims: { exp: 0 }, expected: 'invalid-token' },
    { claims: { exp: -1 }, expected: 'invalid-token' },
    { claims: { nbf: SECONDS + 5 }, expected: 'valid' },
    { claims: { nbf: SECONDS + 6 }, expected: 'invalid-token' },
    { claims: { nbf: 0 }, expected: 'valid' },
    { claims: { iat: SECONDS + 5 }, expected: 'valid' },
    { claims: { iat: SECONDS + 5.5 }, expected: 'invalid-token' },
    { claims: { iat: SECONDS + 6 }, expected: 'invalid-token' },
    { claims: { iat: SECONDS + 600.5, exp: SECONDS + 600 }, expected: 'invalid-token' },
  ])('five seconds of leeway: $claims is $expected', async ({ claims, expected }) => {
    expect(await outcome(withClaims(NOW, claims))).toBe(expected)
  })

  it.each([
    { claims: { iat: undefined, exp: SECONDS + LIFETIME + 5 }, expected: 'valid' },
    { claims: { iat: undefined, exp: SECONDS + LIFETIME + 6 }, expected: 'invalid-token' },
    { claims: { iat: undefined, exp: 1e15 }, expected: 'invalid-token' },
    { claims: { iat: SECONDS, exp: SECONDS + LIFETIME }, expected: 'valid' },
    { claims: { iat: SECONDS - LIFETIME + 60, exp: SECONDS + 65 }, expected: 'valid' },
    { claims: { iat: SECONDS - LIFETIME + 60, exp: SECONDS + 66 }, expected: 'invalid-token' },
    { claims: { iat: 0, exp: SECONDS + 60 }, expected: 'invalid-token' },
  ])('a lifetime of AUTH_MAX_LIFETIME_SECONDS at most: $claims is $expected', async ({ claims, expected }) => {
    expect(await outcome(withClaims(NOW, claims))).toBe(expected)
  })

  it('takes fractions of a second (RFC 7519 §2)', async () => {
    const claims = { iat: SECONDS - 0.5, nbf: SECONDS - 0.5, exp: SECONDS + 0.5 }
    expect(await outcome(withClaims(NOW, claims))).toBe('valid')
  })

  it('works past 2038 and past 2106', async () => {
    for (const later of [2 ** 31 * 1000 + 1, 2 ** 32 * 1000 + 1]) {
      expect(await outcome(withClaims(later, {}), later)).toBe('valid')
    }
  })

  it('accepted a token that it no longer accepts ten minutes on', async () => {
    const token = withClaims(NOW, {})
    expect([await outcome(token), await outcome(token, NOW + 605_000)]).toEqual(['valid', 'invalid-token'])
  })
})

describe('sub', () => {
  it.each([['a'], [' '], ['auth0|5f7c'], ['...'], ['x'.repeat(255)]])('may be %j', async (sub) => {
    expect(await outcome(withClaims(NOW, { sub }))).toBe('valid')
  })

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['a number', 42],
    ['an array', ['alice']],
    ['an object', { sub: 'alice' }],
    ['256 characters long', 'x'.repeat(256)],
    ['a dot', '.'],
    ['two dots', '..'],
    ['one with a line end', 'alice\n'],
    ['one with a NUL', 'ali\0ce'],
    ['one with a DEL', 'alice\x7f'],
    ['not ASCII', 'älice'],
    ['a look-alike', 'аlice'],
    ['not well-formed', 'alice\ud800'],
  ])('is refused when %s', async (_, sub) => {
    expect(await outcome(withClaims(NOW, { sub }))).toBe('invalid-token')
  })
})
