import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { PROBLEMS, Problem, type ProblemCode, type ProblemOptions } from '../core/problems.ts'
import type { HttpEnv } from './env.ts'

/** The media type of a problem (RFC 9457 §3). */
export const PROBLEM_TYPE = 'application/problem+json'

/** Errors that carry a challenge, by problem; `undefined` for the one without credentials (RFC 6750 §3.1). */
export const BEARER_ERRORS = {
  unauthorized: undefined,
  'invalid-token': 'invalid_token',
  'insufficient-user-authentication': 'insufficient_user_authentication',
  'insufficient-scope': 'insufficient_scope',
} as const satisfies Partial<Record<ProblemCode, string | undefined>>

/** Turns what a handler threw into an answer; an error that is not a problem becomes the problem `internal`. */
export function answerError(error: unknown, c: Context<HttpEnv>): Response {
  return answerProblem(c, toProblem(error))
}

/** The validator throws an HTTPException for malformed JSON; the message of the parser quotes the body, so it is dropped. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem('invalid-request', { detail: 'The body is not valid JSON.' })
  }
  return new Problem('internal', { cause: error })
}

/** The answer for a problem: RFC 9457, with the members that older clients look for. */
export function answerProblem(
  c: Context<HttpEnv>,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { code, options } = problem
  c.set('failure', { code, reason: options.reason, cause: options.cause })
  const body = problemBody(problem, { requestId: c.get('requestId'), publicUrl: c.env.config.PUBLIC_URL })
  return c.body(JSON.stringify(body), PROBLEMS[code].status, { ...problemHeaders(problem), ...headers })
}

/** The headers that a problem brings with it. */
export function problemHeaders({ code, options }: Problem): Readonly<Record<string, string>> {
  return {
    'Content-Type': PROBLEM_TYPE,
    ...challengeHeader(code, options),
    ...(options.retryAfterSeconds !== undefined && { 'Retry-After': String(options.retryAfterSeconds) }),
  }
}

/** The members of a problem. Its type is never built from the Host header; without an origin it is `about:blank`. */
export function problemBody(
  problem: Problem,
  options: { readonly requestId: string; readonly publicUrl: string | undefined },
) {
  const { title, status } = PROBLEMS[problem.code]
  const { fields = {}, members = {} } = problem.options
  const errors = Object.entries(fields).map(([name, detail]) => ({ pointer: `#/${name}`, detail }))
  return {
    type: options.publicUrl === undefined ? 'about:blank' : `${options.publicUrl}/problems/${problem.code}`,
    title,
    status,
    detail: problem.message,
    instance: `urn:uuid:${options.requestId}`,
    error: problem.message,
    details: fields,
    requestId: options.requestId,
    ...(errors.length > 0 && { errors }),
    ...members,
  }
}

/** The answer to whoever must wait. @param seconds until the next attempt makes sense */
export function tooManyAttempts(seconds: number, detail?: string): Problem {
  const members = { retryAfter: seconds }
  return new Problem('too-many-attempts', {
    retryAfterSeconds: seconds,
    members,
    ...(detail !== undefined && { detail }),
  })
}

/** @see RFC 6750 §3, RFC 9470 §3 */
function challengeHeader(code: ProblemCode, options: ProblemOptions): Readonly<Record<string, string>> {
  if (!(code in BEARER_ERRORS)) return {}
  const error = BEARER_ERRORS[code as keyof typeof BEARER_ERRORS]
  const parameters = {
    realm: 'mfa',
    ...(error && { error, error_description: PROBLEMS[code].detail }),
    ...options.challenge,
  }
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`)
  return { 'WWW-Authenticate': `Bearer ${list.join(', ')}` }
}
