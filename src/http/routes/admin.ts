import type { Context } from 'hono'
import * as z from 'zod/mini'
import { Problem } from '../../core/problems.ts'
import type { MfaStatus } from '../../core/status.ts'
import { throttleAt } from '../../core/throttle.ts'
import { requestContext } from '../context.ts'
import type { HttpEnv } from '../env.ts'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { scope } from '../middleware/scope.ts'
import { presentStatus, timestamp } from '../present.ts'
import { reason } from '../schemas.ts'
import { notOneself, target } from '../target.ts'
import { jsonBody } from '../validate.ts'

const ADMIN = 'mfa:admin'
const READ = 'mfa:read'

/** The body of a reset or an unlock. */
export const actBody = z.object({ reason })

/** `/api/admin/users/{sub}/mfa`: reads a subject's status, resets its MFA, unlocks its TOTP. */
export const admin = newHono()
  .get('/', ...guard(), scope(READ, ADMIN), notOneself, async (c) => {
    const { store, keyring } = c.env
    const now = c.env.now()
    const found = await store.readStatus(target(c), { now, keyIds: keyring.keyIds })
    return c.json({ ...presentStatus(found), throttle: presentThrottle(found, now) })
  })
  .post('/reset', ...guard(), scope(ADMIN), ...jsonBody(actBody), notOneself, async (c) => {
    const { done } = await c.env.store.reset(target(c), act(c, c.req.valid('json').reason))
    if (!done) throw new Problem('mfa-not-enabled')
    return c.json({ success: true, message: 'MFA reset' })
  })
  .post('/unlock', ...guard(), scope(ADMIN), ...jsonBody(actBody), notOneself, async (c) => {
    const outcome = await c.env.store.unlock(target(c), act(c, c.req.valid('json').reason))
    if (!outcome.done) throw new Problem(outcome.enabled ? 'unlocked-recently' : 'mfa-not-enabled')
    return c.json({ success: true, message: 'TOTP unlocked' })
  })

function act(c: Context<HttpEnv>, why: string) {
  const administrator = c.get('accessToken').subject
  return { eventId: c.env.random.uuid(), administrator, reason: why, context: requestContext(c), now: c.env.now() }
}

function presentThrottle(found: MfaStatus, now: number) {
  return {
    state: throttleAt(now, found).kind,
    failures: found.failures,
    retry_at: timestamp(found.retryAt),
    unlocked_at: timestamp(found.unlockedAt),
  }
}
