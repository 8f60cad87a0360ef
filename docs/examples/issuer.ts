import { Hono } from 'hono'
import { type CryptoKey, jwtVerify, SignJWT } from 'jose'
// In your application: '@edge-mfa/verify'.
import type { StepUpClaims, StepUpVerifier } from '../../packages/verify/src/verify.ts'

/** What an issuer knows; the key pair is the one whose public part Edge MFA has as `AUTH_JWKS`. */
export type Issuer = {
  readonly issuer: string
  readonly keyId: string
  readonly keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
  readonly checkPassword: (user: string, password: string) => Promise<boolean>
  /** With a store, since a proof opens one login. */
  readonly verifier: StepUpVerifier
}

/** The only audience of a token that proves no more than a password. */
const MFA_AUDIENCE = 'edge-mfa'
const MFA_SECONDS = 120
const APPLICATION_AUDIENCE = 'https://api.example'
const APPLICATION_SECONDS = 600

/**
 * Pattern A. `POST /login` takes a password and answers a short token that only Edge MFA accepts. `POST /login/mfa`
 * takes that token and the step-up token, and only it answers a token of the application.
 */
export function issuerApp(issuer: Issuer) {
  return new Hono()
    .post('/login', async (c) => {
      const { user, password } = await c.req.json<{ user: string; password: string }>()
      if (!(await issuer.checkPassword(user, password))) return c.json({ error: 'invalid_grant' }, 401)
      const claims = { sub: user, aud: MFA_AUDIENCE, seconds: MFA_SECONDS, amr: ['pwd'] }
      return c.json({ mfa_token: await sign(issuer, claims) })
    })
    .post('/login/mfa', async (c) => {
      const tokens = await c.req.json<{ mfa_token: string; step_up_token: string }>()
      // Whatever fails, and Edge MFA being away is one of these, ends here and not in a token.
      const proof = await verifyLogin(issuer, tokens).catch(() => undefined)
      if (!proof) return c.json({ error: 'invalid_grant' }, 401)
      const claims = { sub: proof.sub, aud: APPLICATION_AUDIENCE, seconds: APPLICATION_SECONDS, amr: proof.amr }
      return c.json({ access_token: await sign(issuer, claims) })
    })
}

/** The proof, where it is of the person whose login this is, and younger than the login. */
async function verifyLogin(
  { issuer, keys, verifier }: Issuer,
  tokens: { mfa_token: string; step_up_token: string },
): Promise<StepUpClaims> {
  const options = { issuer, audience: MFA_AUDIENCE, typ: 'at+jwt', requiredClaims: ['sub', 'iat', 'exp'] }
  const { payload } = await jwtVerify(tokens.mfa_token, keys.publicKey, options)
  const expected = { iss: issuer, sub: payload.sub ?? '', maxAge: MFA_SECONDS }
  const proof = await verifier.verify(tokens.step_up_token, expected)
  if (proof.auth_time < Number(payload.iat)) throw new Error('this proof is of an earlier login')
  return proof
}

function sign(
  { issuer, keyId, keys }: Issuer,
  { sub, aud, seconds, amr }: { sub: string; aud: string; seconds: number; amr: unknown },
): Promise<string> {
  return new SignJWT({ auth_time: Math.floor(Date.now() / 1000), amr })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keyId })
    .setIssuer(issuer)
    .setAudience(aud)
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(`${seconds} seconds`)
    .sign(keys.privateKey)
}
