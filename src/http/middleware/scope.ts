import type { MiddlewareHandler } from 'hono'
import { Problem } from '../../core/problems.ts'
import type { HttpEnv } from '../env.ts'

/** Requires one of these scopes in the access token. Throws `insufficient-scope`. @see RFC 6750 §3.1 */
export function scope(...accepted: readonly [string, ...string[]]): MiddlewareHandler<HttpEnv> {
  return async function scope(c, next) {
    const { scopes } = c.get('accessToken')
    if (!accepted.some((each) => scopes.has(each))) {
      throw new Problem('insufficient-scope', { challenge: { scope: accepted[0] } })
    }
    await next()
  }
}
