import type { StepUpClaims } from './claims.ts'
import { StepUpError } from './errors.ts'
import type { Expected, StepUpVerifier } from './verify.ts'

/** The request header that carries the step-up token beside the access token in `Authorization`. */
export const STEP_UP_HEADER = 'Step-Up-Token'

/** `iss` and `sub` of the access token that the application has verified. */
export type Subject = Pick<Expected, 'iss' | 'sub'>

/** What a route demands. `Context` is what the framework hands to its middleware. */
export type StepUpOptions<Context> = {
  readonly verifier: StepUpVerifier
  /** `iss` and `sub` of the access token that was verified before; undefined when there is none, which is refused. */
  readonly subject: (context: Context) => Subject | undefined | Promise<Subject | undefined>
  /** Seconds since the second factor was verified, in place of the verifier's. */
  readonly maxAge?: number
  /** The transaction that the user must have approved. The verifier then needs a store. */
  readonly txn?: (context: Context) => string | Promise<string>
}

/** Whether a request may pass; if not, the answer to send. */
export type Decision =
  | { readonly ok: true; readonly claims: StepUpClaims }
  | {
      readonly ok: false
      readonly status: 401 | 503
      readonly headers: Readonly<Record<string, string>>
      readonly body: { readonly error: string; readonly error_description: string }
    }

/** Seconds after which a client may ask again while the key set or the store is unavailable. */
const RETRY_AFTER_SECONDS = 5
const UNAUTHENTICATED = {
  ok: false,
  status: 401,
  headers: { 'WWW-Authenticate': 'Bearer' },
  body: { error: 'invalid_token', error_description: 'The request carries no valid access token.' },
} as const satisfies Decision

/**
 * Decides whether a request may pass. Rejects when the application is misconfigured or one of its callbacks fails, so
 * that the framework answers 500.
 * @see RFC 9470 §3
 */
export async function decide<Context>(
  options: StepUpOptions<Context>,
  request: { readonly context: Context; readonly token: string | undefined },
): Promise<Decision> {
  const subject = await options.subject(request.context)
  if (subject === undefined) return UNAUTHENTICATED
  const { iss, sub } = subject
  const maxAge = options.maxAge ?? options.verifier.maxAge
  const txn = options.txn && { txn: await options.txn(request.context) }
  try {
    const claims = await options.verifier.verify(request.token ?? '', { iss, sub, maxAge, ...txn })
    return { ok: true, claims }
  } catch (error) {
    if (!(error instanceof StepUpError) || error.status === 500) throw error
    return error.status === 503 ? unavailable(error) : stepUpNeeded(error, maxAge)
  }
}

function stepUpNeeded({ message }: StepUpError, maxAge: number): Decision {
  const error = 'insufficient_user_authentication'
  const challenge = [
    `Bearer error="${error}"`,
    `error_description="${message}"`,
    'acr_values="urn:edge-mfa:acr:mfa"',
    `max_age="${maxAge}"`,
  ]
  return refuse(401, { headers: { 'WWW-Authenticate': challenge.join(', ') }, error, message })
}

function unavailable({ message }: StepUpError): Decision {
  const headers = { 'Retry-After': String(RETRY_AFTER_SECONDS) }
  return refuse(503, { headers, error: 'temporarily_unavailable', message })
}

function refuse(
  status: 401 | 503,
  {
    headers,
    error,
    message,
  }: { readonly headers: Readonly<Record<string, string>>; readonly error: string; readonly message: string },
): Decision {
  return { ok: false, status, headers, body: { error, error_description: message } }
}
