import { PROBLEMS, Problem, type ProblemCode, type ProblemOptions } from '../src/core/problems.ts'
import { problemBody, problemHeaders, tooManyAttempts } from '../src/http/problem.ts'

/** The explanation of a problem, besides its status, title and detail. */
export type ProblemGuide = {
  /** Why the request failed, in more detail than `detail`. */
  readonly cause: string
  /** What a client should do. The README shows the first sentence. */
  readonly solution: string
  /** Members besides the eight of every problem, as JSON Schema. */
  readonly members?: Readonly<Record<string, object>>
  /** The names of the required `members`. */
  readonly required?: readonly string[]
  /** The options of the example. */
  readonly example?: ProblemOptions
}

/** The request ID and the origin in the examples. */
const EXAMPLE = { requestId: '0d4a1f5e-8f6b-4c35-9d5a-6a4f0f3f2b11', publicUrl: 'https://mfa.example.com' }
const CODE_ERROR = { code: 'must be a string of 6 digits' }

/** The explanation of every problem. */
export const PROBLEM_GUIDE: Readonly<Record<ProblemCode, ProblemGuide>> = {
  'invalid-request': {
    cause:
      'The body is not JSON, not valid UTF-8 or not an object, or a member of the body or the query is invalid. The request had no effect.',
    solution:
      'Show the messages beside the fields: `errors` has one for each invalid member, with a JSON pointer. Do not send the same request again.',
    example: { detail: `code: ${CODE_ERROR.code}`, fields: CODE_ERROR },
  },
  'invalid-code': {
    cause:
      'The code is wrong, expired or already used; each code works once. The response does not say which. An unknown or used backup code gets the same response.',
    solution:
      'Ask the user for the next code and show `attemptsRemaining`. If there is a `clockSkewSeconds`, tell the user that the clock of the phone is wrong by about this much and should be set automatically.',
    members: {
      attemptsRemaining: {
        type: 'integer',
        minimum: 0,
        description:
          'The number of wrong codes left: at `verify` until the pending secret is deleted, elsewhere until the next wait.',
        examples: [4],
      },
      clockSkewSeconds: {
        type: 'integer',
        multipleOf: 30,
        description:
          'Only at `verify`, when the code matches a time step within ten minutes: how far the clock of the phone is ahead, or behind if negative.',
        examples: [120],
      },
    },
    required: ['attemptsRemaining'],
    example: { members: { attemptsRemaining: 4 } },
  },
  'no-pending-enrollment': {
    cause:
      'There is no pending secret: `setup` was not called, the secret expired after ten minutes, it was deleted after ten wrong codes, or MFA was changed in the meantime.',
    solution: 'Read the status. If MFA is off, call `setup` again and show the new QR code.',
  },
  unauthorized: {
    cause: 'The request has no `Authorization` header, or its scheme is not Bearer.',
    solution:
      'Send the access token of the signed-in user as `Authorization: Bearer <token>`; tokens in cookies or in the URL are ignored.',
  },
  'invalid-token': {
    cause:
      'The access token is malformed, expired, not signed by a trusted key, or issued for another audience. The response does not say which; the log of the service does.',
    solution:
      'Get a new access token from your issuer and try once more. If the new token is rejected too, the issuer, the audience or the keys of the service are configured for other tokens.',
  },
  'insufficient-user-authentication': {
    cause:
      'This service requires a recent sign-in to turn MFA on. The `auth_time` of the access token is missing, or older than the `max_age` in `WWW-Authenticate` (RFC 9470).',
    solution:
      'Let the user sign in again with `max_age` in the authorization request, and repeat the request with the new access token.',
    example: { challenge: { max_age: 300 } },
  },
  'insufficient-scope': {
    cause: 'The operation is for administrators, and the access token lacks the scope in `WWW-Authenticate`.',
    solution: 'Request an access token with that scope from the issuer, if the user is entitled to it.',
    example: { challenge: { scope: 'mfa:admin' } },
  },
  'proof-required': {
    cause: 'MFA is on, so this change needs a proof, and the body has none. Nothing was changed.',
    solution:
      'Ask the user for a current code or a backup code, and send the request again with `code` or `backup_code`.',
  },
  'totp-blocked': {
    cause: 'TOTP is blocked for this user after 100 wrong codes in a row. Backup codes still work.',
    solution:
      'Ask the user for a backup code: a valid one removes the block. If there is none, an administrator can unlock or reset the user.',
  },
  'self-administration': {
    cause: 'The administrator and the user in the path are the same.',
    solution: 'Ask another administrator. For their own account, administrators use the operations of users.',
  },
  'not-found': {
    cause:
      'The path does not exist, or the caller has no authenticator with this ID. The ID of an authenticator of another user gets the same response.',
    solution: 'List the authenticators again, and compare the path with the reference.',
  },
  'method-not-allowed': {
    cause: 'The path exists but does not allow this method.',
    solution: 'Use one of the methods in the `Allow` header.',
  },
  'mfa-not-enabled': {
    cause: 'The operation requires MFA to be on, and it is off.',
    solution:
      'Read the status and offer enrollment instead. At sign-in, the user has no second factor; your issuer decides whether the first factor is enough.',
  },
  'last-authenticator': {
    cause: 'The authenticator is the last one of the user.',
    solution: 'Add a new authenticator first, then remove the old one. To turn MFA off, call `disable`.',
  },
  'too-many-authenticators': {
    cause: 'The user already has five authenticators.',
    solution: 'Let the user remove an authenticator that is no longer used.',
  },
  'unlocked-recently': {
    cause: 'An administrator unlocked this user less than 24 hours ago.',
    solution: 'Ask the user for a backup code, or verify their identity and reset MFA.',
  },
  'payload-too-large': {
    cause: 'The body is larger than 4096 bytes.',
    solution: 'Send only the members that the operation defines.',
  },
  'unsupported-media-type': {
    cause:
      'The `Content-Type` of the body is not `application/json`, its charset is not UTF-8, or the body is compressed.',
    solution: 'Send `Content-Type: application/json` and an uncompressed body in UTF-8.',
  },
  'too-many-attempts': {
    cause:
      'There were too many wrong codes in a row, and the next one is evaluated only after a wait that doubles each time (30 seconds to one hour). Or there were too many requests within a minute.',
    solution:
      'Show a countdown of `retryAfter` seconds (also in the `Retry-After` header) and offer to use a backup code, which needs no wait after wrong codes. Do not retry automatically before the time is up.',
    members: {
      retryAfter: {
        type: 'integer',
        minimum: 1,
        maximum: 3600,
        description: 'The number of seconds to wait, the same as in the `Retry-After` header.',
        examples: [30],
      },
    },
    required: ['retryAfter'],
    example: tooManyAttempts(30).options,
  },
  internal: {
    cause:
      'An unexpected error, or a setting of the service is missing or malformed. The cause is in the log of the service, under the request ID.',
    solution: 'Show a general message with the `requestId`. Read the status before you repeat a change.',
  },
  unavailable: {
    cause:
      'The database or the key set of the issuer did not respond in time, or it is unknown whether a change was made. It never means that MFA is off.',
    solution:
      'Wait `Retry-After` seconds. Then repeat reads and `verify`; read the status before you repeat any other change.',
    example: { retryAfterSeconds: 1 },
  },
}

/** Returns a complete problem, built by the same code as those of the service. */
export function exampleProblem(code: ProblemCode): ReturnType<typeof problemBody> {
  return problemBody(new Problem(code, PROBLEM_GUIDE[code].example), EXAMPLE)
}

/** Returns the headers of the response with {@link exampleProblem}. */
export function exampleHeaders(code: ProblemCode): Readonly<Record<string, string>> {
  const problem = new Problem(code, PROBLEM_GUIDE[code].example)
  return { ...problemHeaders(problem), ...(code === 'method-not-allowed' && { Allow: 'GET, HEAD, OPTIONS' }) }
}

/** The names of all problems, ordered by status. */
export const PROBLEM_CODES = Object.keys(PROBLEMS).map((name) => name as ProblemCode)
