import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { HttpEnv } from '../env.ts'
import { guard } from '../middleware/guard.ts'
import { prove } from '../prove.ts'
import { oneProof, proofMembers, proofOf } from '../schemas.ts'
import { validateBody } from '../validate.ts'

const disableBody = z.object(proofMembers).check(oneProof)

/** `POST …/disable`: turns MFA off; secrets and codes are gone, the events stay. */
export const disable = new Hono<HttpEnv>().post('/', ...guard(), validateBody(disableBody), async (c) => {
  await prove(c, { proof: proofOf(c.req.valid('json')), operation: { kind: 'disable' }, now: c.env.now() })
  return c.json({ success: true, message: 'MFA disabled' })
})
