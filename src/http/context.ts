import type { Context } from 'hono'
import type { RequestContext } from '../core/events.ts'
import type { HttpEnv } from './env.ts'

/** What events tell of the request they came from. */
export function requestContext(c: Context<HttpEnv>): RequestContext {
  const { cf } = c.req.raw
  return { requestId: c.get('requestId'), country: typeof cf?.country === 'string' ? cf.country : null }
}
