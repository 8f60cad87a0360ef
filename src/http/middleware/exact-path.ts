import type { MiddlewareHandler } from 'hono'
import { Problem } from '../../core/problems.ts'

/** Keeps one address for each operation: the router would take a path with a slash at its end for the one without. */
export function exactPath(): MiddlewareHandler {
  return async function exactPath(c, next) {
    const { path } = c.req
    if (path !== '/' && path.endsWith('/')) throw new Problem('not-found')
    await next()
  }
}
