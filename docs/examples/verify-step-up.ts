import { createPublicKey } from 'node:crypto'
import jwt from 'jsonwebtoken'

/** What must be true of a step-up token before anything is given for it. */
export type Expected = { mfaUrl: string; audience: string; sub: string; subIssuer: string }

/** Verifies a step-up token of Edge MFA. Throws when it is not one, or the keys cannot be had: never "MFA not required". */
export async function verifyStepUp(token: string, expected: Expected): Promise<jwt.JwtPayload> {
  const response = await fetch(`${expected.mfaUrl}/.well-known/jwks.json`, { signal: AbortSignal.timeout(2_000) })
  const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] }
  const header = jwt.decode(token, { complete: true })?.header
  const jwk = keys.find(({ kid }) => kid === header?.kid)
  if (header?.typ !== 'mfa-stepup+jwt' || !jwk) throw new Error('no step-up token')
  const { audience, mfaUrl: issuer, sub: subject } = expected
  const options = { algorithms: ['ES256' as const], audience, issuer, subject }
  const claims = jwt.verify(token, createPublicKey({ key: jwk, format: 'jwk' }), options)
  if (typeof claims === 'string' || claims['sub_iss'] !== expected.subIssuer)
    throw new Error('another issuer’s subject')
  return claims
}
