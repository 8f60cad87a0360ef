import { base64urlnopad } from '@scure/base'
import type { JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { hmac, part, withHeader } from '../support/forge.ts'
import { type IssuerKey, KEY_SET_ALGORITHMS, newKey, settingsFor } from '../support/issuer.ts'
import { at, validClaims } from '../support/tokens.ts'

const INVALID = { code: 'invalid-token' }
const keys = await Promise.all(KEY_SET_ALGORITHMS.map((alg) => newKey(alg, alg)))
const verify = verifierOf(...keys)

function verifierOf(...issuerKeys: readonly IssuerKey[]) {
  return createAccessTokenVerifier(settingsFor({ kind: 'inline', jwks: { keys: issuerKeys.map(({ jwk }) => jwk) } }))
}

function keyOf(kid: string): IssuerKey {
  const found = keys.find(({ jwk }) => jwk.kid === kid)
  if (!found) throw new Error(`no key ${kid}`)
  return found
}

/** HMACs under what anybody can know of a public key. */
async function confused(secret: string | Uint8Array, kid: string): Promise<string> {
  const signed = `${part({ alg: 'HS256', kid })}.${part(validClaims())}`
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  return `${signed}.${part(await hmac(signed, bytes))}`
}

describe('inline key set', () => {
  it.each(KEY_SET_ALGORITHMS)('takes %s', async (alg) => {
    expect(await verify(await keyOf(alg).sign(), at(Date.now()))).toMatchObject({ subject: { sub: 'alice' } })
  })

  it.each(KEY_SET_ALGORITHMS)('takes %s without a key id where one key fits', async (alg) => {
    const token = await keyOf(alg).sign({}, { kid: undefined })
    expect(await verifierOf(keyOf(alg))(token, at(Date.now()))).toMatchObject({ subject: { sub: 'alice' } })
  })

  it.each(KEY_SET_ALGORITHMS)('refuses %s under another key of the same id', async (alg) => {
    const other = await newKey(alg, alg)
    await expect(verify(await other.sign(), at(Date.now()))).rejects.toMatchObject(INVALID)
  })

  it.each(KEY_SET_ALGORITHMS)('refuses %s where it is not on the list', async (alg) => {
    const algorithms = KEY_SET_ALGORITHMS.filter((each) => each !== alg)
    const settings = settingsFor({ kind: 'inline', jwks: { keys: keys.map(({ jwk }) => jwk) } })
    const strict = createAccessTokenVerifier({ ...settings, algorithms })
    await expect(strict(await keyOf(alg).sign(), at(Date.now()))).rejects.toMatchObject(INVALID)
  })

  it.each(['RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512'])('refuses %s, whoever signed', async (alg) => {
    const key = await newKey(alg, alg)
    await expect(verifierOf(key)(await key.sign(), at(Date.now()))).rejects.toMatchObject(INVALID)
  })

  it.each([
    ['its JWK as text', (jwk: JWK) => JSON.stringify(jwk)],
    ['its modulus', (jwk: JWK) => base64urlnopad.decode(jwk.n ?? '')],
    ['its key id', (jwk: JWK) => jwk.kid ?? ''],
  ])('refuses HS256 under a public key: %s (RFC 8725 §2.1)', async (_, secretOf) => {
    await expect(verify(await confused(secretOf(keyOf('RS256').jwk), 'RS256'), at(Date.now()))).rejects.toMatchObject(
      INVALID,
    )
  })

  it('refuses HS256 under a public key as PEM, and under the configured secret of others', async () => {
    await expect(verify(await confused(keyOf('RS256').pem, 'RS256'), at(Date.now()))).rejects.toMatchObject(INVALID)
    await expect(verify(await withHeader(Date.now(), {}), at(Date.now()))).rejects.toMatchObject(INVALID)
  })

  it.each([
    { kid: 'RS256', alg: 'ES256' },
    { kid: 'ES256', alg: 'RS256' },
    { kid: 'EdDSA', alg: 'ES256' },
    { kid: 'ES256', alg: 'EdDSA' },
  ])('refuses $alg that names the key $kid (RFC 8725 §3.1)', async ({ kid, alg }) => {
    await expect(verify(await keyOf(alg).sign({}, { kid }), at(Date.now()))).rejects.toMatchObject(INVALID)
  })

  it.each([['unknown'], [''], [7], [null], ['../../etc/passwd'], ["' OR 1=1"]])('refuses key id %j', async (kid) => {
    const [, payload] = (await keyOf('ES256').sign()).split('.')
    const header = part({ alg: 'ES256', kid })
    const token = `${header}.${payload}.${part(new Uint8Array(64).fill(1))}`
    await expect(verify(token, at(Date.now()))).rejects.toMatchObject(INVALID)
  })

  it('refuses an ES256 signature of zeros (CVE-2022-21449)', async () => {
    const token = await keyOf('ES256').sign()
    const zeros = `${token.slice(0, token.lastIndexOf('.'))}.${part(new Uint8Array(64))}`
    await expect(verify(zeros, at(Date.now()))).rejects.toMatchObject(INVALID)
  })

  it('holds the claims to the same rules as under a secret', async () => {
    const key = keyOf('ES256')
    const faults = [{ iss: 'x' }, { aud: 'x' }, { exp: 1 }, { exp: undefined }, { sub: '' }, { iat: 9e9 }, { nbf: 9e9 }]
    for (const fault of faults)
      await expect(verify(await key.sign(fault), at(Date.now()))).rejects.toMatchObject(INVALID)
  })
})
