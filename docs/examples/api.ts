import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { type CryptoKey, jwtVerify } from 'jose'
import type { VerifyStepUp } from './step-up.ts'
import { usedIdsInMemory } from './used-ids.ts'

/** What the API trusts: its issuer's key, and a verifier of step-up tokens. */
export type Trust = { readonly issuer: string; readonly issuerKey: CryptoKey; readonly verifyStepUp: VerifyStepUp }

type Env = { Variables: { sub: string } }

const AUDIENCE = 'https://api.example'
const MAX_AGE_SECONDS = 60
/** Says what is missing, as RFC 9470 §3 has it. */
const STEP_UP_CHALLENGE = `Bearer error="insufficient_user_authentication", acr_values="urn:edge-mfa:acr:mfa", max_age=${MAX_AGE_SECONDS}`

/**
 * Pattern B. A balance takes an access token; a transfer also takes a step-up token, in a header of its own, which is
 * good for one transfer.
 */
export function protectedApi({ issuer, issuerKey, verifyStepUp }: Trust) {
  const usedIds = usedIdsInMemory()
  const accessToken = createMiddleware<Env>(async (c, next) => {
    const [, token = ''] = /^Bearer (.+)$/i.exec(c.req.header('Authorization') ?? '') ?? []
    const options = { issuer, audience: AUDIENCE, typ: 'at+jwt', requiredClaims: ['sub', 'exp'] }
    const verified = await jwtVerify(token, issuerKey, options).catch(() => undefined)
    if (!verified) return c.json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'Bearer' })
    c.set('sub', verified.payload.sub ?? '')
    return next()
  })

  const stepUp = createMiddleware<Env>(async (c, next) => {
    const expected = { sub: c.get('sub'), issuer, maxAgeSeconds: MAX_AGE_SECONDS }
    // An unreachable key set is refused like a bad token: no answer is never "MFA not required".
    const proof = await verifyStepUp(c.req.header('Step-Up-Token') ?? '', expected).catch(() => undefined)
    if (!proof?.jti || !usedIds.insertIfAbsent(proof.jti, Number(proof.exp)))
      return c.json({ error: 'insufficient_user_authentication' }, 401, { 'WWW-Authenticate': STEP_UP_CHALLENGE })
    return next()
  })

  return new Hono<Env>()
    .get('/balance', accessToken, (c) => c.json({ balance: 100 }))
    .post('/transfers', accessToken, stepUp, (c) => c.json({ transferred: true }))
}
