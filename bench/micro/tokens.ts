import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Issuer } from '../../src/core/issuer.ts'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
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

/** The issuer of the tokens, without its keys. */
const UNSIGNED_ISSUER = {
  iss: ISSUER,
  audience: AUDIENCE,
  maxLifetimeSeconds: LIFETIME_SECONDS,
  subjectIssuer: ISSUER,
  privileged: true,
  mfaIssuer: 'Example',
  accountClaim: undefined,
  stepUpAudience: 'https://api.example',
  enrollMaxAgeSeconds: undefined,
  corsOrigins: [],
} satisfies Omit<Issuer, 'keys' | 'algorithms'>

function verification(algorithm: Algorithm): Job {
  const ready = once(async () => {
    const { signing, keys } = await keysOf(algorithm)
    const token = await signToken(algorithm, signing)
    return { token, verify: createAccessTokenVerifier({ ...UNSIGNED_ISSUER, keys, algorithms: [algorithm] }) }
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

async function keysOf(algorithm: Algorithm): Promise<{ signing: CryptoKey | Uint8Array; keys: Issuer['keys'] }> {
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
    return createStepUpIssuer({ issuer: 'https://mfa.example', privateJwk, extraKeys: [] })
  })
  return {
    what: 'sign a step-up token, ES256',
    by,
    prepare: async () => {
      const { mint } = await ready()
      const proven = { sub: SUB, issuer: UNSIGNED_ISSUER, factor: 'otp' as const, tokenId: crypto.randomUUID() }
      return async () => (await mint({ ...proven, now: Date.now() })).token.length > 0
    },
  }
}
