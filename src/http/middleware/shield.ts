import type { MiddlewareHandler } from 'hono'
import type { HttpEnv } from '../env.ts'
import { tooManyAttempts } from '../problem.ts'

/** The period of the limits in wrangler.toml. */
const PERIOD_SECONDS = 60

/**
 * Keeps a flood away from the database: so many requests a minute for each subject and each client address. Counted by
 * the edge, approximately and per location; the throttle in the database is what stops guessing.
 */
export function shield(): MiddlewareHandler<HttpEnv> {
  return async function shield(c, next) {
    const { issuer, sub } = c.get('accessToken').subject
    const address = c.req.header('CF-Connecting-IP')
    const admitted = await c.env.admit({ subject: JSON.stringify([issuer, sub]), address })
    if (!admitted) throw tooManyAttempts(PERIOD_SECONDS, 'Too many requests. Wait before the next one.')
    await next()
  }
}
