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

/** The body of a verification: the code, and whether a step-up token is wanted beside the backup codes. */
export const verifyBody = z.object({ code, step_up: z.optional(z.boolean('must be true or false')) })

/** `POST …/verify`: activates the pending secret with its first valid code, and returns the first backup codes. */
export const verify = newHono().post('/', ...guard(), ...jsonBody(verifyBody), async (c) => {
  const { store, keyring, random } = c.env
  const { subject, tokenHash } = c.get('accessToken')
  const body = c.req.valid('json')
  const request = { subject, code: body.code, tokenHash, now: c.env.now(), keyring, random }
  const [attempt, marks] = await Promise.all([enrollmentAttempt(request), repeatMarks(request, keyring)])
  const decision = await decideVerification(
    await store.chargeEnrollment(subject, { attempt, marks, now: request.now }),
    request,
  )
  if (!decision.ok) {
    if (decision.failure.code === 'unavailable') await store.refundEnrollment(subject, attempt)
    throw toProblem(decision.failure)
  }
  // Signed before the commit, so that a failure changes nothing.
  const stepUp = body.step_up === true ? await mintStepUp(c, request) : undefined
  const { backupCodes, isRepeat } = await commit(c, { request, attempt, verification: decision.value })
  const message = backupCodes.length > 0 ? 'MFA enabled' : 'Authenticator added'
  const answer = { success: true, message, backup_codes: backupCodes }
  return c.json(stepUp && !isRepeat ? { ...answer, step_up: stepUp } : answer)
})

function mintStepUp(c: Context<HttpEnv>, { subject, now }: VerificationRequest) {
  const { issuer } = c.get('accessToken')
  return c.env.stepUp.mint({ sub: subject.sub, issuer, factor: 'otp', tokenId: c.env.random.uuid(), now })
}

/** Writes what was decided; the codes come back once the database has acknowledged it. */
async function commit(
  c: Context<HttpEnv>,
  decided: { request: VerificationRequest; attempt: EnrollmentAttempt; verification: Verification },
): Promise<{ readonly backupCodes: readonly string[]; readonly isRepeat: boolean }> {
  const { store } = c.env
  const { request, attempt, verification } = decided
  const { subject, now, keyring } = request
  if (verification.kind === 'repeat') {
    const { sealedRepeat, backupCodes } = verification
    if (await store.confirmRepeat(subject, { sealedRepeat, attempt, now })) return { backupCodes, isRepeat: true }
    throw new Problem('no-pending-enrollment', { reason: 'the kept response was erased meanwhile' })
  }
  const outcome = await store.activate(subject, { ...verification.activation, context: requestContext(c) })
  if (outcome.committed) return { backupCodes: verification.backupCodes, isRepeat: false }
  // A concurrent copy of this request may have committed first: both get the same response.
  const kept = outcome.sealedRepeat && (await openRepeat(outcome.sealedRepeat, { identity: request, keyring }))
  if (kept) return { backupCodes: kept, isRepeat: true }
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
