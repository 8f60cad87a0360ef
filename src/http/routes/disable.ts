import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { proofBody, proofOf } from '../schemas.ts'
import { jsonBody } from '../validate.ts'
import { verifyProof } from '../verify-proof.ts'

/** `POST …/disable`: turns MFA off. Secrets and backup codes are deleted, events are kept. */
export const disable = newHono().post('/', ...guard(), ...jsonBody(proofBody), async (c) => {
  await verifyProof(c, {
    subject: c.get('accessToken').subject,
    proof: proofOf(c.req.valid('json')),
    operation: { kind: 'disable' },
    now: c.env.now(),
  })
  return c.json({ success: true, message: 'MFA disabled' })
})
