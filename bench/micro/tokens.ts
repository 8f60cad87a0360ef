import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type AccessTokenSettings, createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { createStepUpIssuer } from '../../src/tokens/step-up.ts'
import { type Job, once } from './job.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'edge-mfa'
const SUB = '7d2b6f1e-5a0c-4c3e-9a63-2f3f7f0f6f5e'
const LIFETIME_SECONDS = 86_400
const ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const
const by = 'Edge MFA'

type Algorithm = (typeof ALGORITHMS)[number]

/** All that is asked of an access token, its signature among it, and the signature of a step-up token. */
export const TOKEN_JOBS: readonly Job[] = [...ALGORITHMS.map(verification), stepUp()]

function verification(algorithm: Algorithm): Job {
  const ready = once(async () => {
    const { signing, keys } = await keysOf(algorithm)
    const token = await signToken(algorithm, signing)
    const settings = { issuer: ISSUER, audience: AUDIENCE, maxLifetimeSeconds: LIFETIME_SECONDS, keys }
    return { token, verify: createAccessTokenVerifier({ ...settings, algorithms: [algorithm] }) }
  })
  return {
    what: `verify an access token, ${algorithm}`,
    by,
    prepare: async () => {
      const { token, verify } = await ready()
      return async () => (await verify(token, { now: Date.now(), waitUntil: () => undefined })).subject.sub === SUB
    },
  }
}

async function keysOf(
  algorithm: Algorithm,
): Promise<{ signing: CryptoKey | Uint8Array; keys: AccessTokenSettings['keys'] }> {
  if (algorithm === 'HS256') {
    const secret = crypto.getRandomValues(new Uint8Array(32))
    return { signing: secret, keys: { kind: 'secret', secret } }
  }
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: algorithm }
  return { signing: privateKey, keys: { kind: 'inline', jwks: { keys: [jwk] } } }
}

async function signToken(algorithm: Algorithm, key: CryptoKey | Uint8Array): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ auth_time: now, email: 'alice@example.com' })
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: 'one' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(SUB)
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .sign(key)
}

function stepUp(): Job {
  const ready = once(async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const { x = '', y = '', d = '' } = await exportJWK(privateKey)
    const privateJwk = { kty: 'EC', crv: 'P-256', x, y, d }
    const audience = 'https://api.example'
    return createStepUpIssuer({ issuer: 'https://mfa.example', audience, privateJwk, extraKeys: [] })
  })
  const subject = { issuer: ISSUER, sub: SUB }
  return {
    what: 'sign a step-up token, ES256',
    by,
    prepare: async () => {
      const { mint } = await ready()
      const proven = { subject, factor: 'otp' as const, tokenId: crypto.randomUUID() }
      return async () => (await mint({ ...proven, now: Date.now() })).length > 0
    },
  }
}
