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

/** The body of a setup: the name of the authenticator, and a proof if MFA is on. */
export const setupBody = z
  .object({ name: z._default(authenticatorName, 'Authenticator'), ...proofMembers })
  .check(oneProof)
/** Seconds by which the clock of the issuer may be ahead. */
const LEEWAY_SECONDS = 5
const ACCOUNT_CLAIMS = ['email', 'preferred_username', 'sub']

/** `POST …/setup` creates a pending secret, `DELETE …/setup` deletes it. */
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

/** Stores the pending authenticator. While MFA is on this takes a proof. */
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

/** Returns false when MFA is off, which makes the proof unnecessary. */
async function addByProof(
  c: Context<HttpEnv>,
  options: { authenticator: NewAuthenticator; proof: Proof; now: number },
): Promise<boolean> {
  const { authenticator, proof, now } = options
  try {
    await verifyProof(c, {
      subject: c.get('accessToken').subject,
      proof,
      operation: { kind: 'setup-another', authenticator },
      now,
    })
    return true
  } catch (error) {
    if (error instanceof Problem && error.code === 'mfa-not-enabled') return false
    throw error
  }
}

/** Requires a recent sign-in to turn MFA on, if `ENROLL_MAX_AGE_SECONDS` is set (RFC 9470 §3). */
async function assertRecentSignIn(c: Context<HttpEnv>, now: number): Promise<void> {
  const { keyring } = c.env
  const { authTime, subject, issuer } = c.get('accessToken')
  const maxAge = issuer.enrollMaxAgeSeconds
  if (maxAge === undefined || isRecent(authTime, { maxAge, now: now / 1000 })) return
  const { enabledAt } = await c.env.store.readStatus(subject, { now, keyIds: keyring.keyIds })
  if (enabledAt !== null) throw new Problem('proof-required')
  throw new Problem('insufficient-user-authentication', { challenge: { max_age: maxAge } })
}

/** Returns whether a sign-in is recent. One in the future is not. All times are seconds. */
function isRecent(authTime: number | undefined, { maxAge, now }: { maxAge: number; now: number }): boolean {
  return authTime !== undefined && now - authTime <= maxAge && authTime <= now + LEEWAY_SECONDS
}

/** Returns the name of the account in the authenticator app. */
function accountName({ claims, subject, issuer }: AccessToken): string {
  const names = issuer.accountClaim === undefined ? ACCOUNT_CLAIMS : [issuer.accountClaim, 'sub']
  const found = names.map((name) => claims[name]).find((value) => typeof value === 'string' && value !== '')
  return typeof found === 'string' ? found : subject.sub
}
