import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { PROBLEMS, Problem, type ProblemCode, type ProblemOptions } from '../core/problems.ts'
import type { HttpEnv } from './env.ts'

/** The media type of a problem (RFC 9457 §3). */
export const PROBLEM_TYPE = 'application/problem+json'

/** The error codes in `WWW-Authenticate`, by problem; `unauthorized` has none (RFC 6750 §3.1). */
export const BEARER_ERRORS = {
  unauthorized: undefined,
  'invalid-token': 'invalid_token',
  'insufficient-user-authentication': 'insufficient_user_authentication',
  'insufficient-scope': 'insufficient_scope',
} as const satisfies Partial<Record<ProblemCode, string | undefined>>

/** Turns an error into a response. An error that is not a problem becomes the problem `internal`. */
export function answerError(error: unknown, c: Context<HttpEnv>): Response {
  return answerProblem(c, toProblem(error))
}

/** The validator throws an HTTPException for malformed JSON. Its message quotes the body, so it is replaced. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem('invalid-request', { detail: 'The body is not valid JSON.' })
  }
  return new Problem('internal', { cause: error })
}

/** Responds with a problem (RFC 9457), which also has the members `error` and `details` for older clients. */
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

/** Returns the headers of a problem. */
export function problemHeaders({ code, options }: Problem): Readonly<Record<string, string>> {
  return {
    'Content-Type': PROBLEM_TYPE,
    ...challengeHeader(code, options),
    ...(options.retryAfterSeconds !== undefined && { 'Retry-After': String(options.retryAfterSeconds) }),
  }
}

/** Returns the members of a problem. Its `type` is built from `publicUrl`; without one it is `about:blank`. */
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

/** Returns the problem of a throttled or rate-limited request. @param seconds until a retry */
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
