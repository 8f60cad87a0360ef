import type { Context } from 'hono'
import type { RequestContext } from '../core/events.ts'
import type { HttpEnv } from './env.ts'

/** What events tell of the request they came from. */
export function requestContext(c: Context<HttpEnv>): RequestContext {
  const { cf } = c.req.raw
  return { requestId: c.get('requestId'), country: typeof cf?.country === 'string' ? cf.country : null }
}

/** A change of the caller that needs no proof. */
export function unprovenChange(c: Context<HttpEnv>) {
  const { subject } = c.get('accessToken')
  return { subject, eventId: c.env.random.uuid(), context: requestContext(c), now: c.env.now() }
}

/** What keeps work alive after the answer. */
export function waitUntilOf(c: Context<HttpEnv>): (work: Promise<unknown>) => void {
  return (work) => c.executionCtx.waitUntil(work)
}
