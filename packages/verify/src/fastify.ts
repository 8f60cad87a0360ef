import type { FastifyReply, FastifyRequest } from 'fastify'
import type { StepUpClaims } from './claims.ts'
import { decide, STEP_UP_HEADER, type StepUpOptions } from './enforce.ts'

export type { StepUpOptions, Subject } from './enforce.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The claims of the step-up token, behind `requireStepUp`. */
    stepUp?: StepUpClaims
  }
}

/** A Fastify 5 `preHandler` that lets a request pass only with a step-up token. Use it after the access token was verified. */
export function requireStepUp(
  options: StepUpOptions<FastifyRequest>,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async function stepUp(request, reply) {
    const header = request.headers[STEP_UP_HEADER.toLowerCase()]
    const token = typeof header === 'string' ? header : undefined
    const decision = await decide(options, { context: request, token })
    if (!decision.ok) return reply.code(decision.status).headers(decision.headers).send(decision.body)
    request.stepUp = decision.claims
    return undefined
  }
}
