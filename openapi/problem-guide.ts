import { PROBLEMS, Problem, type ProblemCode, type ProblemOptions } from '../src/core/problems.ts'
import { problemBody, problemHeaders, tooManyAttempts } from '../src/http/problem.ts'

/** What a page about a problem says beside its status, title and detail. */
export type ProblemGuide = {
  /** What happened, in more words than `detail` has. */
  readonly happened: string
  /** What a client should do about it. */
  readonly cure: string
  /** Members beside the eight that every problem has, as JSON Schema. */
  readonly members?: Readonly<Record<string, object>>
  /** Those of `members` that every such problem has. */
  readonly required?: readonly string[]
  /** What the example adds to its type. */
  readonly example?: ProblemOptions
}

/** A request id and an origin that examples show. */
const EXAMPLE = { requestId: '0d4a1f5e-8f6b-4c35-9d5a-6a4f0f3f2b11', publicUrl: 'https://mfa.example.com' }
const CODE_FAULT = { code: 'must be a string of 6 digits' }

/** How every problem came about, and what helps. */
export const PROBLEM_GUIDE: Readonly<Record<ProblemCode, ProblemGuide>> = {
  'invalid-request': {
    happened:
      'The body is not JSON, not valid UTF-8 or not an object, or a member of the body or the query has the wrong form. Nothing was looked at, counted or changed.',
    cure: 'Show the message beside the field: `details` has one for each member at fault, and `errors` the same with JSON pointers. Do not send the same request again.',
    example: { detail: `code: ${CODE_FAULT.code}`, fields: CODE_FAULT },
  },
  'invalid-code': {
    happened:
      'The code is not the one that an authenticator shows now, or it was used before: each code works once. Which of these it was is not told. A backup code that is unknown or used answers the same.',
    cure: 'Ask for the next code, and say how many attempts remain. With `clockSkewSeconds`, say that the clock of the phone is off by about so much and should be set automatically.',
    members: {
      attemptsRemaining: {
        type: 'integer',
        minimum: 0,
        description:
          'Wrong codes left: at `verify` before the pending secret is dropped, elsewhere before the next wait.',
        examples: [4],
      },
      clockSkewSeconds: {
        type: 'integer',
        multipleOf: 30,
        description:
          'At `verify` alone, where the code fits a step up to ten minutes away: how far the clock of the phone is ahead, or behind when negative.',
        examples: [120],
      },
    },
    required: ['attemptsRemaining'],
    example: { members: { attemptsRemaining: 4 } },
  },
  'no-pending-enrollment': {
    happened:
      'No secret waits for its first code: `setup` was not called, its ten minutes are over, it took ten wrong codes, or another change of MFA came in between.',
    cure: 'Ask for the status. If MFA is off, begin again with `setup` and show the new QR code.',
  },
  unauthorized: {
    happened: 'The request has no `Authorization` header, or one of another scheme than Bearer.',
    cure: 'Send the access token of the signed-in user as `Authorization: Bearer <token>`; tokens in cookies or in the address are not looked at.',
  },
  'invalid-token': {
    happened:
      'The access token is malformed, expired, not signed by a key that this service trusts, or meant for another audience. Why is not told to the caller; the log of the service has no more than the reason.',
    cure: 'Get a fresh access token from your issuer and try once more. If a fresh one is refused too, issuer, audience or keys of the service are configured for other tokens.',
  },
  'insufficient-user-authentication': {
    happened:
      'This service is configured to turn MFA on only shortly after a sign-in, and the `auth_time` of the access token is older than `max_age` in `WWW-Authenticate`, or missing (RFC 9470).',
    cure: 'Let the user sign in again, with `max_age` in the authorization request, and repeat the request with the new access token.',
    example: { challenge: { max_age: 300 } },
  },
  'insufficient-scope': {
    happened:
      'The operation is for administrators, and the access token lacks the scope that `WWW-Authenticate` names.',
    cure: 'Ask the issuer for a token with that scope, if the person may have it.',
    example: { challenge: { scope: 'mfa:admin' } },
  },
  'proof-required': {
    happened: 'MFA is on, so this change needs a proof, and the body carries none. Nothing was changed.',
    cure: 'Ask the user for a current code or a backup code, and send the request again with `code` or `backup_code`.',
  },
  'totp-blocked': {
    happened:
      'A hundred wrong codes in a row were sent for this user, so TOTP codes are not looked at any more. Backup codes still work.',
    cure: 'Offer the field for a backup code: one that is right clears the block. Without one, an administrator unlocks or resets the user.',
  },
  'self-administration': {
    happened: 'The administrator and the user in the path are the same person.',
    cure: 'Another administrator has to do it; for their own account, administrators use the operations of users.',
  },
  'not-found': {
    happened:
      'There is no such path, or no authenticator of the caller with this id. An id of somebody else answers the same.',
    cure: 'Read the list of authenticators again; compare the path with the reference.',
  },
  'method-not-allowed': {
    happened: 'The path exists, and does not take this method.',
    cure: 'Use one of the methods that the `Allow` header lists.',
  },
  'mfa-not-enabled': {
    happened: 'The operation makes sense only while MFA is on, and it is off.',
    cure: 'Ask for the status and offer the enrollment instead. At a login this means: there is no second factor to ask for; whether that is enough is for your issuer to decide.',
  },
  'last-authenticator': {
    happened: 'The user has one authenticator, and it is the one to be removed.',
    cure: 'Add the new one first, then remove the old; or call `disable`, which says what it does.',
  },
  'too-many-authenticators': {
    happened: 'The user has five authenticators already.',
    cure: 'Let the user remove one that is not used any more.',
  },
  'unlocked-recently': {
    happened: 'An administrator cleared the throttle of this user less than 24 hours ago.',
    cure: 'Give the user a way with a backup code, or check their identity and reset MFA.',
  },
  'payload-too-large': {
    happened: 'The body is larger than 4096 bytes.',
    cure: 'Send only the members that the operation knows.',
  },
  'unsupported-media-type': {
    happened: 'The body is not declared as `application/json`, or in another charset than UTF-8, or it is compressed.',
    cure: 'Send `Content-Type: application/json` and an uncompressed body in UTF-8.',
  },
  'too-many-attempts': {
    happened:
      'Either too many wrong codes came in a row, and the next one is looked at only after a wait that doubles each time (30 seconds to one hour); or too many requests of any kind came within a minute.',
    cure: 'Count down `retryAfter` seconds (the header `Retry-After` says the same) and offer a backup code, which needs no wait after wrong codes. Do not retry by yourself before.',
    members: {
      retryAfter: {
        type: 'integer',
        minimum: 1,
        maximum: 3600,
        description: 'Seconds to wait, the same as in the header `Retry-After`.',
        examples: [30],
      },
    },
    required: ['retryAfter'],
    example: tooManyAttempts(30).options,
  },
  internal: {
    happened:
      'Something that nobody foresaw, or a setting of the service is missing or malformed. The cause is in the log of the service under the request id, and nowhere else.',
    cure: 'Show a general message with the `requestId`. Ask for the status before repeating a change.',
  },
  unavailable: {
    happened:
      'The database or the key set of the issuer did not answer in time, or it is not known whether a change was made. It is never a sign that MFA is off.',
    cure: 'Wait `Retry-After` seconds. Reading and `verify` may simply be repeated; before repeating any other change, ask for the status.',
    example: { retryAfterSeconds: 1 },
  },
}

/** A whole problem of this type, made by the code that makes the real ones. */
export function exampleProblem(code: ProblemCode): ReturnType<typeof problemBody> {
  return problemBody(new Problem(code, PROBLEM_GUIDE[code].example), EXAMPLE)
}

/** The headers that come with {@link exampleProblem}. */
export function exampleHeaders(code: ProblemCode): Readonly<Record<string, string>> {
  const problem = new Problem(code, PROBLEM_GUIDE[code].example)
  return { ...problemHeaders(problem), ...(code === 'method-not-allowed' && { Allow: 'GET, HEAD, OPTIONS' }) }
}

/** All problems, in the order of their status. */
export const PROBLEM_CODES = Object.keys(PROBLEMS).map((name) => name as ProblemCode)
