import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { Problem } from '../core/problems.ts'
import { isSubject, type Subject } from '../core/subject.ts'
import type { HttpEnv } from './env.ts'

/** The subject of the path, under the issuer of the caller's access token. Throws `not-found` for an impossible `sub`. */
export function target(c: Context<HttpEnv>): Subject {
  const sub = c.req.param('sub')
  if (sub === undefined || !isSubject(sub)) throw new Problem('not-found')
  return { issuer: c.get('accessToken').subject.issuer, sub }
}

/** Refuses a caller who names themselves: a stolen session of theirs must not change their own MFA this way. */
export const notOneself = createMiddleware<HttpEnv>(async (c, next) => {
  if (target(c).sub === c.get('accessToken').subject.sub) throw new Problem('self-administration')
  await next()
})
