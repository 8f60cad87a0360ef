import { type Context, Hono } from 'hono'
import { type CryptoKey, jwtVerify } from 'jose'
// In your application: '@edge-mfa/verify/hono' and '@edge-mfa/verify'.
import { requireStepUp, type Subject } from '../../packages/verify/src/hono.ts'
import type { StepUpVerifier } from '../../packages/verify/src/verify.ts'

/** What the API trusts: its issuer's key, and a verifier of step-up tokens. */
export type Trust = { readonly issuer: string; readonly issuerKey: CryptoKey; readonly verifier: StepUpVerifier }

const AUDIENCE = 'https://api.example'

/**
 * Pattern B. A balance takes an access token; a transfer also takes a step-up token of the last minute, which
 * approves one transfer: the verifier has a store of used tokens.
 */
export function protectedApi({ issuer, issuerKey, verifier }: Trust) {
  async function subject(c: Context): Promise<Subject | undefined> {
    const [, token = ''] = /^Bearer (.+)$/i.exec(c.req.header('Authorization') ?? '') ?? []
    const options = { issuer, audience: AUDIENCE, typ: 'at+jwt', requiredClaims: ['sub', 'exp'] }
    const verified = await jwtVerify(token, issuerKey, options).catch(() => undefined)
    return verified?.payload.sub === undefined ? undefined : { iss: issuer, sub: verified.payload.sub }
  }

  return new Hono()
    .get('/balance', async (c) =>
      (await subject(c))
        ? c.json({ balance: 100 })
        : c.json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'Bearer' }),
    )
    .post('/transfers', requireStepUp({ verifier, subject, maxAge: 60 }), (c) =>
      c.json({ transferred: true, from: c.get('stepUp').sub }),
    )
}
