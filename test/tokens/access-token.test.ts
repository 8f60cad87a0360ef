import { base64urlnopad } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { forge, hmac, part, withClaims, withHeader } from '../support/forge.ts'
import { settingsFor } from '../support/issuer.ts'
import { SECRETS } from '../support/secrets.ts'
import { accessToken, at, validClaims } from '../support/tokens.ts'

const NOW = Date.UTC(2026, 0, 1)
const AT_NOW = at(NOW)
const SECONDS = NOW / 1000
const LIFETIME = 86_400
const SECRET = { kind: 'secret', secret: new Uint8Array(base64urlnopad.decode(SECRETS.hs256)) } as const
const SETTINGS = settingsFor(SECRET, { maxLifetimeSeconds: LIFETIME })
const verify = createAccessTokenVerifier(SETTINGS)
const INVALID = { code: 'invalid-token' }

describe('createAccessTokenVerifier', () => {
  it('answers subject, scopes, sign-in and claims of a valid token', async () => {
    const token = await withClaims(NOW, { scope: 'mfa:read mfa:admin', auth_time: SECONDS - 60, email: 'a@b.example' })
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
    expect(await verify(token, AT_NOW)).toEqual({
      issuer: SETTINGS,
      subject: { issuer: 'https://issuer.example', sub: 'alice' },
      scopes: new Set(['mfa:read', 'mfa:admin']),
      authTime: SECONDS - 60,
      claims: expect.objectContaining({ email: 'a@b.example' }),
      tokenHash: new Uint8Array(digest),
    })
  })

  it('takes a token that jose signed', async () => {
    expect(await verify(await accessToken(validClaims(NOW)), AT_NOW)).toMatchObject({ subject: { sub: 'alice' } })
  })

  it('hashes two tokens of one subject differently', async () => {
    const [one, two] = await Promise.all(['1', '2'].map(async (jti) => verify(await withClaims(NOW, { jti }), AT_NOW)))
    expect(one?.tokenHash).not.toEqual(two?.tokenHash)
  })

  it.each([
    ['no scope', undefined],
    ['an array', ['mfa:admin']],
    ['an object', { 'mfa:admin': true }],
  ])('grants nothing by a scope that is %s', async (_, scope) => {
    const { scopes } = await verify(await withClaims(NOW, { scope }), AT_NOW)
    expect(scopes.has('mfa:admin')).toBe(false)
  })

  it.each(['mfa:administrator', 'xmfa:admin', 'mfa:admin,mfa:read', 'MFA:ADMIN', 'mfa:admin\n'])(
    'does not read mfa:admin out of %j',
    async (scope) => {
      const { scopes } = await verify(await withClaims(NOW, { scope }), AT_NOW)
      expect(scopes.has('mfa:admin')).toBe(false)
    },
  )

  it.each([['yesterday'], [null], [true], [[1]]])('knows no sign-in by auth_time %j', async (authTime) => {
    expect((await verify(await withClaims(NOW, { auth_time: authTime }), AT_NOW)).authTime).toBeUndefined()
  })
})

describe('header', () => {
  it.each(['JWT', 'jwt', 'Jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'APPLICATION/JWT', undefined])(
    'takes typ %s (RFC 9068 §4)',
    async (typ) => {
      expect(await verify(await withHeader(NOW, { typ }), AT_NOW)).toMatchObject({ subject: { sub: 'alice' } })
    },
  )

  it.each([
    ['mfa-stepup+jwt'],
    ['dpop+jwt'],
    ['id+jwt'],
    ['JWE'],
    [''],
    [' JWT'],
    ['JWT\n'],
    ['text/JWT'],
    ['application/application/jwt'],
    ['at-jwt'],
    [7],
    [null],
    [['JWT']],
  ])('refuses typ %j (RFC 8725 §3.11)', async (typ) => {
    await expect(verify(await withHeader(NOW, { typ }), AT_NOW)).rejects.toMatchObject(INVALID)
  })

  it.each([
    { jku: 'https://issuer.example/keys' },
    { jwk: { kty: 'oct', k: SECRETS.hs256 } },
    { x5u: 'https://issuer.example/cert' },
    { x5c: ['MIIB'] },
    { crit: ['exp'] },
    { crit: ['b64'], b64: true },
    { crit: [] },
    { jku: null },
  ])('refuses keys and demands in the header: %j (RFC 8725 §3.10)', async (header) => {
    await expect(verify(await withHeader(NOW, header), AT_NOW)).rejects.toMatchObject(INVALID)
  })

  it.each([
    ['none'],
    ['None'],
    ['NONE'],
    [''],
    ['hs256'],
    ['HS384'],
    ['HS512'],
    ['RS256'],
    ['PS256'],
    ['ES256'],
    ['EdDSA'],
    ['Ed25519'],
    ['dir'],
    ['A128KW'],
    [null],
    [0],
    [['HS256']],
    [undefined],
  ])('refuses alg %j under a right HS256 signature (RFC 8725 §3.1)', async (alg) => {
    await expect(verify(await withHeader(NOW, { alg }), AT_NOW)).rejects.toMatchObject(INVALID)
  })

  it.each([
    { alg: 'HS384', hash: 'SHA-384' },
    { alg: 'HS512', hash: 'SHA-512' },
  ])('refuses a right $alg signature under the same secret', async ({ alg, hash }) => {
    const signed = `${part({ alg })}.${part(validClaims(NOW))}`
    const signature = part(await hmac(signed, base64urlnopad.decode(SECRETS.hs256), hash))
    await expect(verify(`${signed}.${signature}`, AT_NOW)).rejects.toMatchObject(INVALID)
  })

  it.each([[1], [null], [['k1']], [{ kid: 'k1' }], [true]])('refuses kid %j (RFC 7515 §4.1.4)', async (kid) => {
    await expect(verify(await withHeader(NOW, { kid }), AT_NOW)).rejects.toMatchObject(INVALID)
  })

  it('refuses even HS256 where it is not on the list', async () => {
    const strict = createAccessTokenVerifier({ ...SETTINGS, algorithms: [] })
    await expect(strict(await withClaims(NOW, {}), AT_NOW)).rejects.toMatchObject(INVALID)
  })
})

describe('signature', () => {
  const token = forge({ alg: 'HS256' }, validClaims(NOW))

  it.each<[string, (token: string) => Promise<string> | string]>([
    ['of another secret', async (valid) => replaceSignature(valid, await hmac(signedPart(valid), new Uint8Array(32)))],
    ['of an empty text', async (valid) => replaceSignature(valid, await hmac(''))],
    ['of zeros', (valid) => replaceSignature(valid, new Uint8Array(32))],
    ['that is cut', async (valid) => replaceSignature(valid, (await hmac(signedPart(valid))).slice(0, 31))],
    ['that goes on', async (valid) => replaceSignature(valid, new Uint8Array([...(await hmac(signedPart(valid))), 0]))],
    ['of other claims', (valid) => valid.replace(part(validClaims(NOW)), part({ ...validClaims(NOW), sub: 'bob' }))],
    ['with padding', (valid) => `${valid}=`],
  ])('refuses one %s', async (_, change) => {
    const changed = await change(await token)
    expect(changed).not.toBe(await token)
    await expect(verify(changed, AT_NOW)).rejects.toMatchObject(INVALID)
  })

  it('refuses claims that are no object under a right signature', async () => {
    await expect(verify(await forge({ alg: 'HS256' }, '[]'), AT_NOW)).rejects.toMatchObject(INVALID)
    await expect(
      verify(await forge({ alg: 'HS256' }, `\ufeff${JSON.stringify(validClaims(NOW))}`), AT_NOW),
    ).rejects.toMatchObject(INVALID)
  })
})

function signedPart(token: string): string {
  return token.slice(0, token.lastIndexOf('.'))
}

function replaceSignature(token: string, signature: Uint8Array): string {
  return `${signedPart(token)}.${part(signature)}`
}
