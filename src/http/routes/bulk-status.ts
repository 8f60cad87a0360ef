import * as z from 'zod/mini'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { scope } from '../middleware/scope.ts'
import { timestamp } from '../present.ts'
import { jsonBody } from '../validate.ts'

/** Bytes of the largest body, which holds 100 of the longest `sub`. */
const LARGEST_BODY = 32_768
const MOST_SUBS = 100
const SUBS_MESSAGE = `must be a list of 1 to ${MOST_SUBS} strings`

/** The body of a bulk status. */
export const bulkStatusBody = z.object({
  subs: z
    .array(z.string(SUBS_MESSAGE), SUBS_MESSAGE)
    .check(z.minLength(1, SUBS_MESSAGE), z.maxLength(MOST_SUBS, SUBS_MESSAGE)),
})

/** `POST /api/admin/users/status`: which of some users have MFA on, in one round trip. */
export const bulkStatus = newHono().post(
  '/status',
  ...guard(),
  scope('mfa:read', 'mfa:admin'),
  ...jsonBody(bulkStatusBody, { largestBody: LARGEST_BODY }),
  async (c) => {
    const { issuer } = c.get('accessToken').subject
    const found = await c.env.store.readEnabled({ issuer, subs: c.req.valid('json').subs })
    const users = found.map(({ sub, enabledAt }) => {
      return { sub, enabled: enabledAt !== null, enabled_at: timestamp(enabledAt) }
    })
    return c.json({ success: true, message: 'Status read', users })
  },
)
