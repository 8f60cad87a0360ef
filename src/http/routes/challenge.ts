import type { Context } from 'hono'
import * as z from 'zod/mini'
import type { Subject } from '../../core/subject.ts'
import type { HttpEnv } from '../env.ts'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { oneProof, proofMembers, proofOf } from '../schemas.ts'
import { jsonBody } from '../validate.ts'
import { verifyProof } from '../verify-proof.ts'

const TXN_MESSAGE = 'must be a string of 1 to 128 printable ASCII characters without spaces'

/** The body of a challenge: a proof, and what is being approved. */
export const challengeBody = z
  .object({ ...proofMembers, txn: z.optional(z.string(TXN_MESSAGE).check(z.regex(/^[!-~]{1,128}$/, TXN_MESSAGE))) })
  .check(
    oneProof,
    z.refine((body) => proofOf(body) !== undefined, { path: ['code'], message: 'send either code or backup_code' }),
  )

/** `POST …/challenge`: verifies the second factor at a login, and returns a token that says so to other services. */
export const challenge = newHono().post('/', ...guard(), ...jsonBody(challengeBody), async (c) =>
  c.json(await challengeSubject(c, { body: c.req.valid('json'), subject: c.get('accessToken').subject })),
)

/** Verifies the second factor of a subject; `service` is the `sub` of a service that asks in its place. */
export async function challengeSubject(
  c: Context<HttpEnv>,
  asked: {
    readonly body: z.output<typeof challengeBody>
    readonly subject: Subject
    readonly service?: string
  },
) {
  const { stepUp, random } = c.env
  const { body, subject, service } = asked
  const { issuer } = c.get('accessToken')
  const now = c.env.now()
  const proven = await verifyProof(c, { subject, service, proof: proofOf(body), operation: { kind: 'challenge' }, now })
  const { factor, backupCodesRemaining, failedAttempts } = proven
  return {
    success: true,
    message: 'Second factor verified',
    ...(await stepUp.mint({ sub: subject.sub, issuer, factor, tokenId: random.uuid(), now, txn: body.txn, service })),
    backup_codes_remaining: backupCodesRemaining,
    failed_attempts: failedAttempts,
  }
}
