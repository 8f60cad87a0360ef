/** Everything that can go wrong, by the last segment of its `type`; the wire contract names each (RFC 9457). */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'Invalid request', detail: 'The request is not valid.' },
  'invalid-code': { status: 400, title: 'Invalid code', detail: 'The code is wrong, has expired or was already used.' },
  'no-pending-enrollment': {
    status: 400,
    title: 'No pending enrollment',
    detail: 'There is no pending secret: none was set up, it expired, or it took too many wrong codes. Set up again.',
  },
  unauthorized: { status: 401, title: 'Unauthorized', detail: 'Send an access token: Authorization: Bearer <token>.' },
  'invalid-token': {
    status: 401,
    title: 'Invalid token',
    detail: 'The access token is malformed, expired or not meant for this service.',
  },
  'insufficient-user-authentication': {
    status: 401,
    title: 'Insufficient user authentication',
    detail: 'The sign-in behind this access token is too old. Sign in again.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'Insufficient scope',
    detail: 'The access token lacks the scope of this operation.',
  },
  'proof-required': {
    status: 403,
    title: 'Proof required',
    detail: 'MFA is on: send a current code of an authenticator as "code", or a backup code as "backup_code".',
  },
  'totp-blocked': {
    status: 403,
    title: 'TOTP blocked',
    detail: 'Too many wrong codes in a row. A backup code or an administrator unblocks it.',
  },
  'self-administration': {
    status: 403,
    title: 'Self-administration',
    detail: 'Administrators cannot administer themselves.',
  },
  'not-found': { status: 404, title: 'Not found', detail: 'There is nothing at this address.' },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address does not take that method; see the Allow header.',
  },
  'mfa-not-enabled': { status: 409, title: 'MFA not enabled', detail: 'MFA is not on for this account.' },
  'last-authenticator': {
    status: 409,
    title: 'Last authenticator',
    detail: 'The last authenticator cannot be removed. Disable MFA instead, or add another one first.',
  },
  'too-many-authenticators': {
    status: 409,
    title: 'Too many authenticators',
    detail: 'An account may have five authenticators. Remove one first.',
  },
  'unlocked-recently': {
    status: 409,
    title: 'Unlocked recently',
    detail: 'This account was unlocked less than 24 hours ago.',
  },
  'payload-too-large': { status: 413, title: 'Payload too large', detail: 'The body may have 4096 bytes at most.' },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    detail: 'The body must be application/json in UTF-8.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts',
    detail: 'Too many attempts. Wait before the next one; a backup code works at once.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. The request id helps us to find it.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    detail: 'A part of this service did not answer in time. Ask for the status before you repeat a change.',
  },
} as const satisfies Record<string, { status: number; title: string; detail: string }>

/** The name of a problem type. */
export type ProblemCode = keyof typeof PROBLEMS

/** What an occurrence adds to its type; `fields` goes to the client, `reason` and `cause` to the log alone. */
export type ProblemOptions = {
  /** Replaces the type's own sentence. */
  readonly detail?: string
  /** Message per member at fault. */
  readonly fields?: Readonly<Record<string, string>>
  /** Extension members (RFC 9457 §3.2), in the order in which they are shown. */
  readonly members?: Readonly<Record<string, string | number>>
  /** Seconds after which asking again makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** `max_age` of RFC 9470 §3, or the scope of RFC 6750 §3, for `WWW-Authenticate`. */
  readonly challenge?: Readonly<Record<string, string | number>>
  /** The true reason, which no answer tells. */
  readonly reason?: string
  readonly cause?: unknown
}

/** A failure that has a place in the contract. Thrown outside `core`; one handler turns it into an answer. */
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
