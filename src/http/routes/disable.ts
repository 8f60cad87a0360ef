import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { prove } from '../prove.ts'
import { proofBody, proofOf } from '../schemas.ts'
import { validateBody } from '../validate.ts'

/** `POST …/disable`: turns MFA off; secrets and codes are gone, the events stay. */
export const disable = newHono().post('/', ...guard(), validateBody(proofBody), async (c) => {
  await prove(c, { proof: proofOf(c.req.valid('json')), operation: { kind: 'disable' }, now: c.env.now() })
  return c.json({ success: true, message: 'MFA disabled' })
})
