import * as z from 'zod/mini'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { oneProof, proofMembers, proofOf } from '../schemas.ts'
import { jsonBody } from '../validate.ts'
import { verifyProof } from '../verify-proof.ts'

/** The body of a challenge: a proof, without which there is nothing to do. */
export const challengeBody = z.object(proofMembers).check(
  oneProof,
  z.refine((body) => proofOf(body) !== undefined, { path: ['code'], message: 'send either code or backup_code' }),
)

/** `POST …/challenge`: proves the second factor at a login, and yields the token that says so to other services. */
export const challenge = newHono().post('/', ...guard(), ...jsonBody(challengeBody), async (c) => {
  const { stepUp, random } = c.env
  const { subject, issuer } = c.get('accessToken')
  const now = c.env.now()
  const proof = proofOf(c.req.valid('json'))
  const { factor, backupCodesRemaining, failedAttempts } = await verifyProof(c, {
    proof,
    operation: { kind: 'challenge' },
    now,
  })
  return c.json({
    success: true,
    message: 'Second factor verified',
    token: await stepUp.mint({ sub: subject.sub, issuer, factor, tokenId: random.uuid(), now }),
    token_type: 'Bearer',
    ...stepUp.describe(factor),
    backup_codes_remaining: backupCodesRemaining,
    failed_attempts: failedAttempts,
  })
})
