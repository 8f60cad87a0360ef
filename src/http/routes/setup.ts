import type { Context } from 'hono'
import * as z from 'zod/mini'
import { createEnrollment, type NewAuthenticator } from '../../core/enrollment.ts'
import { Problem } from '../../core/problems.ts'
import type { Proof } from '../../core/proof.ts'
import type { AccessToken } from '../../tokens/access-token.ts'
import { unprovenChange } from '../context.ts'
import type { HttpEnv } from '../env.ts'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { timestamp } from '../present.ts'
import { qrDataUri } from '../qr.ts'
import { authenticatorName, oneProof, proofMembers, proofOf } from '../schemas.ts'
import { jsonBody } from '../validate.ts'
import { verifyProof } from '../verify-proof.ts'

/** The body of a setup: how the authenticator will be called, and a proof while MFA is on. */
export const setupBody = z
  .object({ name: z._default(authenticatorName, 'Authenticator'), ...proofMembers })
  .check(oneProof)
/** Seconds by which the issuer's clock may be ahead. */
const LEEWAY_SECONDS = 5
const ACCOUNT_CLAIMS = ['email', 'preferred_username', 'sub']

/** `POST …/setup` hands out a pending secret, `DELETE …/setup` drops it. */
export const setup = newHono()
  .post('/', ...guard(), ...jsonBody(setupBody), async (c) => {
    const body = c.req.valid('json')
    const now = c.env.now()
    const enrollment = await newEnrollment(c, { name: body.name, now })
    await storeEnrollment(c, { authenticator: enrollment.authenticator, proof: proofOf(body), now })
    return c.json({
      success: true,
      message: 'Scan the QR code, then verify a code',
      secret: enrollment.secret,
      otpauth_uri: enrollment.otpauthUri,
      qr_code: qrDataUri(enrollment.otpauthUri),
      expires_at: timestamp(enrollment.authenticator.expiresAt),
    })
  })
  .delete('/', ...guard(), async (c) => {
    await c.env.store.cancelEnrollment(unprovenChange(c))
    return c.body(null, 204)
  })

async function newEnrollment(c: Context<HttpEnv>, options: { name: string; now: number }) {
  const { keyring, random } = c.env
  const accessToken = c.get('accessToken')
  const account = accountName(accessToken)
  const issuer = accessToken.issuer.mfaIssuer
  return createEnrollment(accessToken.subject, { ...options, issuer, account, keyring, random })
}

/** Stores a further authenticator by a proof; the first one, while MFA is off, needs none. */
async function storeEnrollment(
  c: Context<HttpEnv>,
  options: { authenticator: NewAuthenticator; proof: Proof | undefined; now: number },
): Promise<void> {
  const { authenticator, proof, now } = options
  if (proof && (await addByProof(c, { authenticator, proof, now }))) return
  await assertRecentSignIn(c, now)
  if (await c.env.store.startEnrollment(c.get('accessToken').subject, authenticator)) return
  throw new Problem('proof-required')
}

/** False where MFA is off: then the proof is beside the point. */
async function addByProof(
  c: Context<HttpEnv>,
  options: { authenticator: NewAuthenticator; proof: Proof; now: number },
): Promise<boolean> {
  const { authenticator, proof, now } = options
  try {
    await verifyProof(c, { proof, operation: { kind: 'setup-another', authenticator }, now })
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'mfa-not-enabled') return false
    throw error
  }
}

/** Demands a recent sign-in for turning MFA on, where the configuration asks for it (RFC 9470 §3). */
async function assertRecentSignIn(c: Context<HttpEnv>, now: number): Promise<void> {
  const { keyring } = c.env
  const { authTime, subject, issuer } = c.get('accessToken')
  const maxAge = issuer.enrollMaxAgeSeconds
  if (maxAge === undefined || isRecent(authTime, { maxAge, now: now / 1000 })) return
  const { enabledAt } = await c.env.store.readStatus(subject, { now, keyIds: keyring.keyIds })
  if (enabledAt !== null) throw new Problem('proof-required')
  throw new Problem('insufficient-user-authentication', { challenge: { max_age: maxAge } })
}

/** A sign-in that is said to lie in the future did not happen. All in seconds. */
function isRecent(authTime: number | undefined, { maxAge, now }: { maxAge: number; now: number }): boolean {
  return authTime !== undefined && now - authTime <= maxAge && authTime <= now + LEEWAY_SECONDS
}

/** How the account is called in the authenticator app. */
function accountName({ claims, subject, issuer }: AccessToken): string {
  const names = issuer.accountClaim === undefined ? ACCOUNT_CLAIMS : [issuer.accountClaim, 'sub']
  const found = names.map((name) => claims[name]).find((value) => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : subject.sub
}
