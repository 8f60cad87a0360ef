import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { enroll } from '../support/life.ts'
import { newUser, PROFILE, PUBLIC_URL, SIGNING_JWK, startService } from '../support/service.ts'

const { d: _private, ...OLD_PUBLIC } = SIGNING_JWK

async function nextKey(): Promise<{ jwk: JWK; publicPart: JWK }> {
  const jwk = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)
  const { d: _d, ...publicPart } = jwk
  return { jwk, publicPart }
}

async function keysOf(service: ReturnType<typeof startService>) {
  const { body } = await service.call('GET /.well-known/jwks.json')
  return createLocalJWKSet(body as unknown as JSONWebKeySet)
}

/** A step-up token of a subject that has just enrolled. */
async function tokenOf(service: ReturnType<typeof startService>): Promise<string> {
  const { token } = await newUser()
  const { backupCodes } = await enroll(service, token)
  const body = { backup_code: backupCodes[0] }
  return String((await service.call(`POST ${PROFILE}/challenge`, { token, body })).body['token'])
}

describe('the drill of rotating the signing key of step-up tokens', () => {
  it('leaves every verifier able to check every token, at each step', async () => {
    const { jwk, publicPart } = await nextKey()
    const settings = (signing: JWK, extra: JWK[]) => ({
      STEP_UP_PRIVATE_JWK: JSON.stringify(signing),
      STEP_UP_EXTRA_JWKS: JSON.stringify({ keys: extra }),
    })
    const announced = startService(settings(SIGNING_JWK, [publicPart]))
    const rotated = startService(settings(jwk, [OLD_PUBLIC]))
    const [before, after] = [await tokenOf(announced), await tokenOf(rotated)]
    const expected = { issuer: PUBLIC_URL, audience: 'https://api.example' }
    for (const keys of [await keysOf(announced), await keysOf(rotated)]) {
      for (const token of [before, after]) expect((await jwtVerify(token, keys, expected)).payload.iss).toBe(PUBLIC_URL)
    }
    const over = startService({ STEP_UP_PRIVATE_JWK: JSON.stringify(jwk) })
    await expect(jwtVerify(before, await keysOf(over), expected)).rejects.toThrow('no applicable key')
  })
})

describe('a signing key', () => {
  it('whose public part is another’s is a fault of the configuration', async () => {
    const { jwk } = await nextKey()
    const mixed = startService({ STEP_UP_PRIVATE_JWK: JSON.stringify({ ...SIGNING_JWK, d: jwk.d }) })
    expect((await mixed.call('GET /health')).status).toBe(500)
  })
})
