/** Every problem that the service returns, by the last segment of its `type` (RFC 9457). */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'Invalid request', detail: 'The request is not valid.' },
  'invalid-code': { status: 400, title: 'Invalid code', detail: 'The code is wrong, has expired or was already used.' },
  'no-pending-enrollment': {
    status: 400,
    title: 'No pending enrollment',
    detail:
      'There is no pending secret: setup was not called, or the secret expired or had too many attempts. Call setup.',
  },
  unauthorized: { status: 401, title: 'Unauthorized', detail: 'Send an access token: Authorization: Bearer <token>.' },
  'invalid-token': {
    status: 401,
    title: 'Invalid token',
    detail: 'The access token is malformed or expired, or was not issued for this service.',
  },
  'insufficient-user-authentication': {
    status: 401,
    title: 'Insufficient user authentication',
    detail: 'The sign-in behind this access token is too old. Sign in again.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'Insufficient scope',
    detail: 'The access token does not have the scope that this operation requires.',
  },
  'proof-required': {
    status: 403,
    title: 'Proof required',
    detail: 'MFA is on: send a current code of an authenticator as "code", or a backup code as "backup_code".',
  },
  'totp-blocked': {
    status: 403,
    title: 'TOTP blocked',
    detail: 'TOTP is blocked after too many wrong codes. Use a backup code, or ask an administrator to unlock it.',
  },
  'self-administration': {
    status: 403,
    title: 'Self-administration',
    detail: 'Administrators cannot use this operation on their own account.',
  },
  'not-found': { status: 404, title: 'Not found', detail: 'The resource does not exist.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    detail: 'This resource does not support the method. See the Allow header.',
  },
  'mfa-not-enabled': { status: 409, title: 'MFA not enabled', detail: 'MFA is not enabled for this account.' },
  'last-authenticator': {
    status: 409,
    title: 'Last authenticator',
    detail: 'The last authenticator cannot be removed. Disable MFA instead, or add another one first.',
  },
  'too-many-authenticators': {
    status: 409,
    title: 'Too many authenticators',
    detail: 'An account can have at most five authenticators. Remove one first.',
  },
  'unlocked-recently': {
    status: 409,
    title: 'Unlocked recently',
    detail: 'This account was unlocked less than 24 hours ago.',
  },
  'payload-too-large': { status: 413, title: 'Payload too large', detail: 'The body must not exceed 4096 bytes.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    detail: 'The body must be application/json in UTF-8.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts',
    detail: 'Too many wrong codes. Wait before you try again, or use a backup code.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'An unexpected error occurred. Contact support with the request ID.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    detail: 'The service is temporarily unavailable. Read the status before you repeat a change.',
  },
} as const satisfies Record<string, { status: number; title: string; detail: string }>

/** The name of a problem type. */
export type ProblemCode = keyof typeof PROBLEMS

/** The details of one occurrence of a problem. `reason` and `cause` are only logged. */
export type ProblemOptions = {
  /** Replaces the detail of the table. */
  readonly detail?: string
  /** A message for each invalid member. */
  readonly fields?: Readonly<Record<string, string>>
  /** Extension members (RFC 9457 §3.2), in the order of the response. */
  readonly members?: Readonly<Record<string, string | number>>
  /** Seconds until a retry; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** `max_age` of RFC 9470 §3, or the scope of RFC 6750 §3, for `WWW-Authenticate`. */
  readonly challenge?: Readonly<Record<string, string | number>>
  /** The exact reason, which no response reveals. */
  readonly reason?: string
  readonly cause?: unknown
}

/** A failure that is part of the API contract. Thrown outside `core`; one error handler turns it into a response. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly options: ProblemOptions

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? PROBLEMS[code].detail, { cause: options.cause })
    this.name = 'Problem'
    this.code = code
    this.options = options
  }
}
