/** A member of a request that is at fault. */
export interface Fault {
  /** Where it is, as a JSON pointer in fragment form (RFC 6901 §6): `#/code`. */
  readonly pointer: string
  readonly detail: string
}

/** What every problem of the service tells (RFC 9457). */
export interface ProblemDetails {
  /** The address of a page about this kind of problem. */
  readonly type: string
  readonly title: string
  /** The HTTP status. */
  readonly status: number
  /** What happened this time, for a person. */
  readonly detail: string
  readonly instance: string
  /** Names the request in the log of the service. */
  readonly requestId: string
  /** The members at fault, where there are any. */
  readonly errors?: readonly Fault[]
}

/** Problems that tell nothing more. */
const PLAIN = [
  'invalid-request',
  'no-pending-enrollment',
  'unauthorized',
  'invalid-token',
  'insufficient-user-authentication',
  'insufficient-scope',
  'proof-required',
  'totp-blocked',
  'self-administration',
  'not-found',
  'method-not-allowed',
  'mfa-not-enabled',
  'last-authenticator',
  'too-many-authenticators',
  'unlocked-recently',
  'payload-too-large',
  'unsupported-media-type',
  'internal',
] as const
const NAMES: readonly string[] = [...PLAIN, 'invalid-code', 'too-many-attempts', 'unavailable']

/** A problem that the service told, by its name: the last part of its `type`. */
export type ServiceProblem = ProblemDetails &
  (
    | { readonly name: (typeof PLAIN)[number] }
    | {
        readonly name: 'invalid-code'
        /** Wrong codes left before the pending secret is dropped, or before the next wait. */
        readonly attemptsRemaining: number
        /** At `verify` alone, where the code tells: how far the phone's clock is ahead, negative when behind. */
        readonly clockSkewSeconds?: number
      }
    | {
        readonly name: 'too-many-attempts'
        /** Seconds. */
        readonly retryAfter: number
      }
    | {
        readonly name: 'unavailable'
        /** Seconds, where the service said so. */
        readonly retryAfter: number | undefined
      }
    /** One that this version of the client does not know. */
    | { readonly name: 'unknown' }
  )

/**
 * The service was not reached, or what came back is not its answer: a refused connection, a time-out, the page of a
 * proxy. Whether a change was made is not known: ask for the status.
 */
export interface Unreachable {
  readonly name: 'unreachable'
  readonly detail: string
  /** The HTTP status, where there was one. */
  readonly status: number | undefined
  /** Seconds, if the response says so. */
  readonly retryAfter: number | undefined
  readonly cause: unknown
}

/** Why something was not done; `name` tells them apart. */
export type Problem = ServiceProblem | Unreachable

/** The problem that an answer tells, or that it is none of the service's. @param body the parsed answer, of any form */
export function readProblem(response: Response, body: unknown): Problem {
  const retryAfter = readRetryAfter(response.headers)
  if (!isDetails(body)) {
    const detail = 'The answer does not come from the service.'
    return { name: 'unreachable', detail, status: response.status, retryAfter, cause: undefined }
  }
  // The members that belong to a name are the service's word, which its own tests hold against the document.
  return { retryAfter, ...body, name: nameOf(body) } as ServiceProblem
}

/** Neither status nor answer. */
export function unreachable(cause: unknown): Unreachable {
  const detail = 'The service was not reached, or did not answer in time.'
  return { name: 'unreachable', detail, status: undefined, retryAfter: undefined, cause }
}

function isDetails(body: unknown): body is ProblemDetails {
  const { type, status, detail } = Object(body)
  return typeof type === 'string' && typeof status === 'number' && typeof detail === 'string'
}

/** A service whose own address is not configured has no page about its problems. */
function nameOf({ type, status }: ProblemDetails): string {
  const name = type.split('/').at(-1) ?? ''
  if (NAMES.includes(name)) return name
  return type === 'about:blank' && status === 500 ? 'internal' : 'unknown'
}

/** Seconds of the header, which may also name a moment (RFC 9110 §10.2.3). */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('Retry-After')
  if (value === null) return undefined
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1000)
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : undefined
}
