import * as z from 'zod/mini'
import { Problem } from '../../core/problems.ts'
import { unprovenChange } from '../context.ts'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { presentAuthenticator } from '../present.ts'
import { authenticatorName, proofBody, proofOf } from '../schemas.ts'
import { jsonBody } from '../validate.ts'
import { verifyProof } from '../verify-proof.ts'

/** The body of a rename. */
export const renameBody = z.object({ name: authenticatorName })

/** `PATCH …/authenticators/{id}` renames an authenticator, `POST …/authenticators/{id}/remove` removes it. */
export const authenticators = newHono()
  .patch('/:id', ...guard(), ...jsonBody(renameBody), async (c) => {
    const { name } = c.req.valid('json')
    const authenticatorId = c.req.param('id')
    const renamed = await c.env.store.renameAuthenticator({ ...unprovenChange(c), authenticatorId, name })
    if (!renamed) throw new Problem('not-found')
    return c.json(presentAuthenticator(renamed))
  })
  .post('/:id/remove', ...guard(), ...jsonBody(proofBody), async (c) => {
    const operation = { kind: 'remove-authenticator' as const, authenticatorId: c.req.param('id') }
    await verifyProof(c, {
      subject: c.get('accessToken').subject,
      proof: proofOf(c.req.valid('json')),
      operation,
      now: c.env.now(),
    })
    return c.json({ success: true, message: 'Authenticator removed' })
  })
