import type { ProblemCode } from '../core/problems.ts'
import type { Services } from '../services.ts'
import type { AccessToken } from '../tokens/access-token.ts'

/** What Hono's context carries: the services of this request, and what the middleware found out about it. */
export type HttpEnv = {
  Bindings: Services
  Variables: {
    requestId: string
    /** Set by the bearer guard. */
    accessToken: AccessToken
    /** For the log: what went wrong without the request failing. */
    warning?: string
    /** For the log: how the request failed, and the reason that no answer tells. */
    failure?: { readonly code: ProblemCode; readonly reason?: string | undefined; readonly cause?: unknown }
  }
}
