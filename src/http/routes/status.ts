import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { presentStatus } from '../present.ts'

/** `GET /api/user/profile/mfa`: the status of the caller's second factor. */
export const status = newHono().get('/', ...guard(), async (c) => {
  const { store, keyring, now } = c.env
  const { subject } = c.get('accessToken')
  return c.json(presentStatus(await store.readStatus(subject, { now: now(), keyIds: keyring.keyIds })))
})
