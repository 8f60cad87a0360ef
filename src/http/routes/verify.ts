import type { Context } from 'hono'
import * as z from 'zod/mini'
import {
  decideVerification,
  type EnrollmentAttempt,
  enrollmentAttempt,
  type Verification,
  type VerificationFailure,
  type VerificationRequest,
} from '../../core/enrollment.ts'
import { Problem } from '../../core/problems.ts'
import { openRepeat, repeatMarks } from '../../core/repeat.ts'
import { requestContext } from '../context.ts'
import type { HttpEnv } from '../env.ts'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { code } from '../schemas.ts'
import { jsonBody } from '../validate.ts'

/** The body of a verification. */
export const verifyBody = z.object({ code })

/** `POST …/verify`: the first right code turns the pending secret active and brings the backup codes. */
export const verify = newHono().post('/', ...guard(), ...jsonBody(verifyBody), async (c) => {
  const { store, keyring, random } = c.env
  const { subject, tokenHash } = c.get('accessToken')
  const request = { subject, code: c.req.valid('json').code, tokenHash, now: c.env.now(), keyring, random }
  const [attempt, marks] = await Promise.all([enrollmentAttempt(request), repeatMarks(request, keyring)])
  const decision = await decideVerification(
    await store.chargeEnrollment(subject, { attempt, marks, now: request.now }),
    request,
  )
  if (!decision.ok) {
    if (decision.failure.code === 'unavailable') await store.refundEnrollment(subject, attempt)
    throw toProblem(decision.failure)
  }
  const backupCodes = await commit(c, { request, attempt, verification: decision.value })
  const message = backupCodes.length > 0 ? 'MFA enabled' : 'Authenticator added'
  return c.json({ success: true, message, backup_codes: backupCodes })
})

/** Writes what was decided; the codes come back once the database has acknowledged it. */
async function commit(
  c: Context<HttpEnv>,
  decided: { request: VerificationRequest; attempt: EnrollmentAttempt; verification: Verification },
): Promise<readonly string[]> {
  const { store } = c.env
  const { request, attempt, verification } = decided
  const { subject, now, keyring } = request
  if (verification.kind === 'repeat') {
    const { sealedRepeat, backupCodes } = verification
    if (await store.confirmRepeat(subject, { sealedRepeat, attempt, now })) return backupCodes
    throw new Problem('no-pending-enrollment', { reason: 'the repeat went stale' })
  }
  const outcome = await store.activate(subject, { ...verification.activation, context: requestContext(c) })
  if (outcome.committed) return verification.backupCodes
  // A copy of this very request may have been faster: then its answer is this one's too.
  const kept = outcome.sealedRepeat && (await openRepeat(outcome.sealedRepeat, { identity: request, keyring }))
  if (kept) return kept
  throw new Problem('no-pending-enrollment', { reason: 'overtaken by another change' })
}

function toProblem(failure: VerificationFailure): Problem {
  switch (failure.code) {
    case 'invalid-code': {
      const { attemptsRemaining, clockSkewSeconds, reason } = failure
      const members = { attemptsRemaining, ...(clockSkewSeconds !== undefined && { clockSkewSeconds }) }
      return new Problem('invalid-code', { members, reason })
    }
    case 'no-pending-enrollment':
      return new Problem('no-pending-enrollment', { reason: failure.reason })
    case 'unavailable':
      return new Problem('unavailable', { retryAfterSeconds: 60, reason: failure.reason })
  }
}
