import type { Context } from 'hono'
import type { RequestContext } from '../core/events.ts'
import type { HttpEnv } from './env.ts'

/** What events keep of the request that they came from; `service` when a service acts for the subject. */
export function requestContext(c: Context<HttpEnv>, service: string | null = null): RequestContext {
  const { cf } = c.req.raw
  return { requestId: c.get('requestId'), country: typeof cf?.country === 'string' ? cf.country : null, service }
}

/** Returns the common arguments of a change that needs no proof. */
export function unprovenChange(c: Context<HttpEnv>) {
  const { subject } = c.get('accessToken')
  return { subject, eventId: c.env.random.uuid(), context: requestContext(c), now: c.env.now() }
}

/** Returns the `waitUntil` of the request, which keeps work running after the response. */
export function waitUntilOf(c: Context<HttpEnv>): (work: Promise<unknown>) => void {
  return (work) => c.executionCtx.waitUntil(work)
}
