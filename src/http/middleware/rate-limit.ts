import type { Context, MiddlewareHandler } from 'hono'
import { networkOf } from '../../core/client-address.ts'
import type { HttpEnv } from '../env.ts'
import { tooManyAttempts } from '../problem.ts'

/** The period of the limits in wrangler.toml. */
const PERIOD_SECONDS = 60

/**
 * Limits the requests of a client address; it runs before the access token is verified, so that a rejected request
 * costs no signature check. Cloudflare counts approximately and per location; the throttle in the database is what
 * stops guessing. Without `CF-Connecting-IP`, the only header that a client cannot set, nothing is limited.
 */
export function rateLimitAddress(): MiddlewareHandler<HttpEnv> {
  return async function rateLimitAddress(c, next) {
    const address = clientAddress(c)
    if (address !== '') await assertWithin(c.env.rateLimits.address, address)
    await next()
  }
}

/**
 * Limits the requests of a subject for each value of `partition`, the client address by default. Counted by subject
 * alone, anyone with an access token of the subject could use up the requests of its owner.
 */
export function rateLimitSubject(
  partition: (c: Context<HttpEnv>) => string = clientAddress,
): MiddlewareHandler<HttpEnv> {
  return async function rateLimitSubject(c, next) {
    const { issuer, sub } = c.get('accessToken').subject
    await assertWithin(c.env.rateLimits.subject, JSON.stringify([issuer, sub, partition(c)]))
    await next()
  }
}

/** The address that the edge saw; empty when there is none. */
function clientAddress(c: Context<HttpEnv>): string {
  return networkOf(c.req.header('CF-Connecting-IP') ?? '')
}

/** A limit that is not bound, or that fails, limits nothing. */
async function assertWithin(limiter: RateLimit | undefined, key: string): Promise<void> {
  const { success } = (await limiter?.limit({ key }).catch(() => undefined)) ?? { success: true }
  if (!success) throw tooManyAttempts(PERIOD_SECONDS, 'Too many requests. Wait before the next one.')
}
