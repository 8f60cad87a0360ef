/** Everything that can go wrong, with the HTTP status that answers it and a sentence for a person. */
export const STEP_UP_ERRORS = {
  'missing-token': { status: 401, message: 'The request carries no step-up token.' },
  'malformed-token': { status: 401, message: 'The step-up token is not a well-formed JWT with all required claims.' },
  'wrong-type': { status: 401, message: 'The token is not a step-up token.' },
  'wrong-algorithm': { status: 401, message: 'The step-up token is not signed with ES256.' },
  'unknown-key': { status: 401, message: 'The step-up token is signed with a key that Edge MFA does not publish.' },
  'invalid-signature': { status: 401, message: 'The signature of the step-up token is invalid.' },
  'wrong-issuer': { status: 401, message: 'The step-up token comes from another issuer.' },
  'wrong-audience': { status: 401, message: 'The step-up token is meant for another audience.' },
  expired: { status: 401, message: 'The step-up token has expired.' },
  'not-yet-valid': { status: 401, message: 'The step-up token was issued in the future.' },
  'too-old': { status: 401, message: 'The second factor was verified too long ago.' },
  'wrong-user': { status: 401, message: 'The step-up token belongs to another user than the access token.' },
  'wrong-acr': { status: 401, message: 'The step-up token states another authentication context.' },
  'service-token': { status: 401, message: 'The step-up token was requested by a service and proves no first factor.' },
  'wrong-txn': { status: 401, message: 'The step-up token is bound to another transaction, or to none.' },
  replayed: { status: 401, message: 'The step-up token was used before.' },
  'keys-unavailable': { status: 503, message: 'The key set of Edge MFA is unavailable.' },
  'store-unavailable': { status: 503, message: 'The store of used step-up tokens is unavailable.' },
  misconfigured: { status: 500, message: 'The verification of step-up tokens is misconfigured.' },
} as const satisfies Readonly<Record<string, { readonly status: 401 | 500 | 503; readonly message: string }>>

/** Why a step-up token was not accepted. */
export type StepUpErrorCode = keyof typeof STEP_UP_ERRORS

/** A step-up token was not accepted; `code` says why. Whatever the code, the request must be refused. */
export class StepUpError extends Error {
  override readonly name = 'StepUpError'
  readonly code: StepUpErrorCode
  /** 401: the client needs another proof. 503: it may try again later. 500: the application must be fixed. */
  readonly status: 401 | 500 | 503

  constructor(code: StepUpErrorCode, options: { readonly cause?: unknown; readonly message?: string } = {}) {
    super(options.message ?? STEP_UP_ERRORS[code].message, { cause: options.cause })
    this.code = code
    this.status = STEP_UP_ERRORS[code].status
  }
}
