const PLAIN = [
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

/** A problem as it was sent. @see RFC 9457 */
export type WireProblem = Readonly<Record<string, unknown>>

/** What every problem of the service has. */
type Common = {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly requestId: string | null
  /** Seconds until asking again makes sense, where the answer says so. */
  readonly retryAfter?: number
  readonly wire: WireProblem
}

/** Why there is no value, told apart by `name`: the last segment of the problem's `type`. */
export type Problem =
  | (Common & {
      readonly name: 'invalid-code'
      readonly attemptsRemaining?: number
      /** Positive when the phone is ahead. */
      readonly clockSkewSeconds?: number
    })
  | (Common & {
      readonly name: 'invalid-request'
      readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
    })
  | (Common & { readonly name: 'too-many-attempts' | 'unavailable' | (typeof PLAIN)[number] })
  /** A problem that this version does not know; `wire` has it whole. */
  | (Common & { readonly name: 'unknown' })
  /** No answer of the service: the network failed, time ran out, or a proxy answered. `status` is of the last. */
  | { readonly name: 'unreachable'; readonly status?: number; readonly retryAfter?: number; readonly cause: unknown }

/** Reads a problem; `undefined` for a body that is none. */
export function readProblem(response: Response, body: unknown): Problem | undefined {
  if (!isRecord(body) || typeof body['type'] !== 'string' || typeof body['status'] !== 'number') return undefined
  const retryAfter = number('retryAfter', body['retryAfter'] ?? retryAfterOf(response).retryAfter)
  const common = {
    status: body['status'],
    title: text(body['title']),
    detail: text(body['detail']),
    requestId: response.headers.get('X-Request-Id') ?? (text(body['requestId']) || null),
    ...retryAfter,
    wire: body,
  }
  return named(common, body)
}

/** The seconds of `Retry-After`; the service never sends a date. */
export function retryAfterOf(response: Response): { readonly retryAfter?: number } {
  const header = response.headers.get('Retry-After') ?? ''
  return /^\d{1,9}$/.test(header) ? { retryAfter: Number(header) } : {}
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is WireProblem {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function named(common: Common, body: WireProblem): Problem {
  const name = text(body['type']).split('/').at(-1)
  if (name === 'invalid-code') {
    const remaining = number('attemptsRemaining', body['attemptsRemaining'])
    return { ...common, name, ...remaining, ...number('clockSkewSeconds', body['clockSkewSeconds']) }
  }
  if (name === 'invalid-request') return { ...common, name, errors: errorsOf(body['errors']) }
  if (name === 'too-many-attempts' || name === 'unavailable') return { ...common, name }
  return { ...common, name: PLAIN.find((plain) => plain === name) ?? 'unknown' }
}

function errorsOf(value: unknown) {
  if (!Array.isArray(value)) return []
  return value.filter(isRecord).map(({ pointer, detail }) => ({ pointer: text(pointer), detail: text(detail) }))
}

function number<Name extends string>(name: Name, value: unknown): { readonly [Key in Name]?: number }
function number(name: string, value: unknown) {
  return typeof value === 'number' ? { [name]: value } : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
