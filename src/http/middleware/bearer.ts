import type { MiddlewareHandler } from 'hono'
import { Problem } from '../../core/problems.ts'
import { waitUntilOf } from '../context.ts'
import type { HttpEnv } from '../env.ts'

/** Requires a valid access token in the Authorization header. Throws `unauthorized` or `invalid-token`. */
export function bearer(): MiddlewareHandler<HttpEnv> {
  return async function bearer(c, next) {
    const token = bearerToken(c.req.header('Authorization'))
    const verification = { now: c.env.now(), waitUntil: waitUntilOf(c) }
    c.set('accessToken', await c.env.verifyAccessToken(token, verification))
    await next()
  }
}

/** @see RFC 6750 §2.1 */
function bearerToken(header: string | undefined): string {
  const [, scheme, token = ''] = /^([^ \t]*)[ \t]*(.*)$/.exec(header ?? '') ?? []
  if (scheme?.toLowerCase() !== 'bearer') throw new Problem('unauthorized')
  return token
}
