import type { ProblemCode } from '../core/problems.ts'
import type { Services } from '../services.ts'
import type { AccessToken } from '../tokens/access-token.ts'

/** The types of Hono's context: the services of the request as `Bindings`, and what middleware sets as `Variables`. */
export type HttpEnv = {
  Bindings: Services
  Variables: {
    requestId: string
    /** Set by the `bearer` middleware. */
    accessToken: AccessToken
    /** Only logged: an error that did not make the request fail. */
    warning?: string
    /** Only logged: the problem, and the reason that the response does not reveal. */
    failure?: { readonly code: ProblemCode; readonly reason?: string | undefined; readonly cause?: unknown }
  }
}
