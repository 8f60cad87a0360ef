import type { StepUpClaims } from './claims.ts'
import { decide, STEP_UP_HEADER, type StepUpOptions } from './enforce.ts'

export type { StepUpOptions, Subject } from './enforce.ts'

/**
 * Wraps a handler of web-standard requests, such as a Next.js route or the `fetch` of a Worker. The handler gets the
 * claims of the step-up token as its second argument, before what else the framework hands it, and is not called
 * without them. The callbacks get a copy of the request, so they may read its body.
 */
export function requireStepUp<Rest extends readonly unknown[]>(
  options: StepUpOptions<Request>,
  handler: (request: Request, stepUp: StepUpClaims, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const token = request.headers.get(STEP_UP_HEADER) ?? undefined
    const { subject, txn } = options
    const onCopies = {
      ...options,
      subject: (original: Request) => subject(original.clone()),
      ...(txn && { txn: (original: Request) => txn(original.clone()) }),
    }
    const decision = await decide(onCopies, { context: request, token })
    if (decision.ok) return handler(request, decision.claims, ...rest)
    const { status, headers, body } = decision
    return Response.json(body, { status, headers })
  }
}
