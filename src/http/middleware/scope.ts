import type { MiddlewareHandler } from 'hono'
import { Problem } from '../../core/problems.ts'
import type { HttpEnv } from '../env.ts'

/** Requires one of these scopes in the access token. Throws `insufficient-scope`. @see RFC 6750 §3.1 */
export function scope(...accepted: readonly [string, ...string[]]): MiddlewareHandler<HttpEnv> {
  return async function scope(c, next) {
    const { scopes, issuer } = c.get('accessToken')
    if (!accepted.some((each) => scopes.has(each))) {
      const reason = issuer.privileged ? {} : { reason: 'the issuer is not privileged' }
      throw new Problem('insufficient-scope', { challenge: { scope: accepted[0] }, ...reason })
    }
    await next()
  }
}
