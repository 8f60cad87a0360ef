import type { Context, MiddlewareHandler } from 'hono'
import type { StepUpClaims } from './claims.ts'
import { decide, STEP_UP_HEADER, type StepUpOptions } from './enforce.ts'

export type { StepUpOptions, Subject } from './enforce.ts'

/** What the middleware sets: `c.get('stepUp')` are the claims of the step-up token. */
export type StepUpVariables = { Variables: { stepUp: StepUpClaims } }

/** Hono middleware that lets a request pass only with a step-up token. Use it after the access token was verified. */
export function requireStepUp(options: StepUpOptions<Context>): MiddlewareHandler<StepUpVariables> {
  return async function stepUp(c, next) {
    const decision = await decide(options, { context: c, token: c.req.header(STEP_UP_HEADER) })
    if (!decision.ok) return c.json(decision.body, decision.status, { ...decision.headers })
    c.set('stepUp', decision.claims)
    return next()
  }
}
