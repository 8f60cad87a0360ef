import { describe, expect, it } from 'vitest'
import { forge, hmac, part, withClaims, withHeader } from '../support/forge.ts'
import { newKey } from '../support/issuer.ts'
import { PROFILE, startService } from '../support/service.ts'
import { accessToken, validClaims } from '../support/tokens.ts'

const key = await newKey('RS256', 'k1')
const bySecret = startService()
const byKeySet = startService({
  AUTH_HS256_SECRET: undefined,
  AUTH_JWKS: JSON.stringify({ keys: [key.jwk] }),
})

/** Confuses a public key, in every text of it that somebody may have, with the secret of an HMAC. */
async function confused(secret: string): Promise<string> {
  const signed = `${part({ alg: 'HS256', kid: 'k1' })}.${part(validClaims())}`
  return `${signed}.${part(await hmac(signed, new TextEncoder().encode(secret)))}`
}

const INTRUDERS: readonly (readonly [string, typeof bySecret, () => Promise<string>])[] = [
  ['§3.1: alg none', bySecret, () => withHeader(Date.now(), { alg: 'none' })],
  ['§3.1: alg none without a signature', bySecret, async () => `${part({ alg: 'none' })}.${part(validClaims())}.`],
  ['§3.1: an algorithm that is not on the list', bySecret, () => withHeader(Date.now(), { alg: 'HS512' })],
  ['§2.1: HS256 under a public key as JWK', byKeySet, () => confused(JSON.stringify(key.jwk))],
  ['§2.1: HS256 under a public key as PEM', byKeySet, () => confused(key.pem)],
  ['§3.1: HS256 where keys are a set', byKeySet, () => accessToken()],
  ['§3.1: RS256 where the key is a secret', bySecret, () => key.sign()],
  ['§3.10: a key in the header', byKeySet, () => key.sign({}, { jwk: key.jwk })],
  ['§3.10: a URL of keys in the header', byKeySet, () => key.sign({}, { jku: 'https://attacker.example' })],
  ['§3.8: another issuer', bySecret, () => withClaims(Date.now(), { iss: 'https://other.example' })],
  ['§3.8: no subject', bySecret, () => withClaims(Date.now(), { sub: undefined })],
  ['§3.9: another audience', bySecret, () => withClaims(Date.now(), { aud: 'other' })],
  ['§3.9: no audience', bySecret, () => withClaims(Date.now(), { aud: undefined })],
  ['§3.11: another type', bySecret, () => withHeader(Date.now(), { typ: 'mfa-stepup+jwt' })],
  ['§3.7: claims that are no UTF-8', bySecret, () => forge({ alg: 'HS256' }, new Uint8Array([0x7b, 0xff, 0x7d]))],
  ['no expiry', bySecret, () => withClaims(Date.now(), { exp: undefined })],
  ['an expiry beyond the longest lifetime', bySecret, () => withClaims(Date.now(), { exp: 9e9, iat: undefined })],
  ['a second spelling of a valid token', bySecret, async () => `${await accessToken()}=`],
]

describe('RFC 8725: what is no access token', () => {
  it.each(INTRUDERS)('%s', async (_, service, token) => {
    const intruder = await token()
    let answer: Awaited<ReturnType<typeof service.call>> | undefined
    const calls = await service.countCalls(async () => {
      answer = await service.call(`GET ${PROFILE}`, { token: intruder })
    })
    expect(answer?.status).toBe(401)
    expect(answer?.headers.get('WWW-Authenticate')).toContain('error="invalid_token"')
    expect(calls).toBe(0)
  })

  it('while tokens of both services are accepted where they belong', async () => {
    expect((await bySecret.call(`GET ${PROFILE}`, { token: await accessToken() })).status).toBe(200)
    expect((await byKeySet.call(`GET ${PROFILE}`, { token: await key.sign() })).status).toBe(200)
  })
})
