import type { Request, RequestHandler } from 'express'
import type { StepUpClaims } from './claims.ts'
import { decide, STEP_UP_HEADER, type StepUpOptions } from './enforce.ts'

export type { StepUpOptions, Subject } from './enforce.ts'

declare global {
  namespace Express {
    interface Request {
      /** The claims of the step-up token, behind `requireStepUp`. */
      stepUp?: StepUpClaims
    }
  }
}

/** Express 5 middleware that lets a request pass only with a step-up token. Use it after the access token was verified. */
export function requireStepUp(options: StepUpOptions<Request>): RequestHandler {
  return async function stepUp(request, response, next) {
    const decision = await decide(options, { context: request, token: request.get(STEP_UP_HEADER) })
    if (!decision.ok) {
      response.status(decision.status).set(decision.headers).json(decision.body)
      return
    }
    request.stepUp = decision.claims
    next()
  }
}
