import type { Context, MiddlewareHandler } from 'hono'
import { networkOf } from '../../core/client-address.ts'
import type { HttpEnv } from '../env.ts'
import { tooManyAttempts } from '../problem.ts'

/** The period of the rate limits in wrangler.toml. */
const PERIOD_SECONDS = 60

/**
 * Limits the requests of a client address. It runs before the access token is verified, so that a rejected request
 * costs no signature check. Cloudflare counts approximately and per location; the throttle in the database limits
 * guessing. Requests without `CF-Connecting-IP`, which only Cloudflare can set, are not limited.
 */
export function rateLimitAddress(): MiddlewareHandler<HttpEnv> {
  return async function rateLimitAddress(c, next) {
    const address = clientAddress(c)
    if (address !== '') await assertWithin(c.env.rateLimits.address, address)
    await next()
  }
}

/**
 * Limits the requests of a subject for each value of `partition`, by default the client address. With one limit for the
 * subject, a stolen access token could be used to block its owner.
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

/** Returns the client address as Cloudflare reports it; empty if there is none. */
function clientAddress(c: Context<HttpEnv>): string {
  return networkOf(c.req.header('CF-Connecting-IP') ?? '')
}

/** Allows the request when the binding is missing or fails. */
async function assertWithin(limiter: RateLimit | undefined, key: string): Promise<void> {
  const { success } = (await limiter?.limit({ key }).catch(() => undefined)) ?? { success: true }
  if (!success) throw tooManyAttempts(PERIOD_SECONDS, 'Too many requests. Wait before you try again.')
}
