import { Problem } from '../../core/problems.ts'
import { waitUntilOf } from '../context.ts'
import { newHono } from '../hono.ts'

/** `GET /health`: 200 when the Worker is configured; with `?deep=1`, only when its database responds too. */
export const health = newHono().get('/', async (c) => {
  const reason = c.req.query('deep') === '1' ? await c.env.databaseFailure(waitUntilOf(c)) : undefined
  if (reason !== undefined) {
    throw new Problem('unavailable', { detail: 'The database does not respond.', retryAfterSeconds: 5, reason })
  }
  c.header('Cache-Control', 'no-store')
  return c.json({ status: 'ok' })
})
