import type {
  Authenticator,
  BackupCodes,
  Done,
  EventPage,
  PendingEnrollment,
  Status,
  StepUp,
  Verification,
} from './answers.ts'
import { type Exchange, exchange, type Result } from './exchange.ts'
import { repeatWhereLost } from './repeat.ts'
import { type StepUpOptions, withStepUp } from './step-up.ts'

export type {
  Authenticator,
  BackupCodes,
  Done,
  Event,
  EventPage,
  PendingEnrollment,
  Status,
  StepUp,
  StepUpToken,
  Verification,
} from './answers.ts'
export type { Result } from './exchange.ts'
export type { Fault, Problem, ProblemDetails, ServiceProblem, Unreachable } from './problem.ts'
export { type StepUpOptions, withStepUp }

/** Milliseconds: the service itself answers within 5 seconds, whatever happens. */
const TIMEOUT_MS = 10_000
const OPERATIONS = 'api/user/profile/mfa'

/** A current code of an authenticator, or a backup code, as the user typed it; the operation uses it up. */
export type Proof =
  | { readonly code: string; readonly backup_code?: never }
  | { readonly backup_code: string; readonly code?: never }

/** What `setup` takes: a name for the authenticator and, while MFA is on, a proof. */
export type SetupBody = { readonly name?: string } & (Proof | { readonly code?: never; readonly backup_code?: never })

/** Ends a request early; the promise then rejects with the signal's reason. */
export type RequestOptions = { readonly signal?: AbortSignal | undefined }

/** Where the service is, and who asks. */
export interface ClientOptions {
  /** The service's own origin, such as `https://mfa.example.com`. */
  readonly url: string | URL
  /** The access token of the signed-in user; asked for once for each operation, so it may be refreshed. */
  readonly token: () => string | Promise<string>
  /** Instead of the global `fetch`: to watch the traffic, or to send it elsewhere. */
  readonly fetch?: typeof fetch
  /** Milliseconds that one answer may take; 10,000 if left out. */
  readonly timeoutMs?: number
}

/** The operations of a user. None of them rejects for an answer, whatever it is: see {@link Result}. */
export type MfaClient = ReturnType<typeof createMfaClient>

/**
 * A client of the service, for one user. `status`, `events` and `verify` ask again by themselves where the answer was
 * lost; nothing else does, since it would do its work twice or use up a second code. Throws a TypeError for a bad url.
 */
export function createMfaClient(options: ClientOptions) {
  const base = baseOf(options.url)
  // Called as a method of nothing: browsers refuse a fetch that was taken off its window.
  const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init))

  type Request = Pick<Exchange, 'method' | 'body'> & { readonly path?: string; readonly query?: URLSearchParams }

  async function prepare({ method, body, path = '', query }: Request, { signal }: RequestOptions): Promise<Exchange> {
    const url = new URL(`${base}${path}`)
    if (query) url.search = query.toString()
    return {
      method,
      url,
      body,
      signal,
      token: await options.token(),
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      fetch: send,
    }
  }

  async function once<Value>(request: Request, requestOptions: RequestOptions): Promise<Result<Value>> {
    return exchange<Value>(await prepare(request, requestOptions))
  }

  /** The same token each time: the service gives the answer of `verify` again to that one alone. */
  async function untilAnswered<Value>(request: Request, requestOptions: RequestOptions): Promise<Result<Value>> {
    const prepared = await prepare(request, requestOptions)
    return repeatWhereLost(() => exchange<Value>(prepared), requestOptions.signal)
  }

  return {
    /** What there is of the user's second factor. */
    status: (requestOptions: RequestOptions = {}) => untilAnswered<Status>({ method: 'GET' }, requestOptions),
    /** A pending secret. While MFA is on this begins a further authenticator, and needs a proof. */
    setup: (body: SetupBody = {}, requestOptions: RequestOptions = {}) =>
      once<PendingEnrollment>({ method: 'POST', path: '/setup', body }, requestOptions),
    /** Drops the pending secret. */
    cancelSetup: (requestOptions: RequestOptions = {}) =>
      once<undefined>({ method: 'DELETE', path: '/setup' }, requestOptions),
    /** Turns MFA on by the first code, and brings the backup codes, with `stepUp` also a step-up token; asks again where that answer was lost. */
    verify: (
      code: string,
      { stepUp = false, ...requestOptions }: RequestOptions & { readonly stepUp?: boolean | undefined } = {},
    ) => {
      const body = { code, ...(stepUp && { step_up: true }) }
      return untilAnswered<Verification>({ method: 'POST', path: '/verify', body }, requestOptions)
    },
    /** Proves the second factor; `txn` names what is being approved. If the answer is lost the code is used up: ask the user for the next one. */
    challenge: (
      proof: Proof,
      { txn, ...requestOptions }: RequestOptions & { readonly txn?: string | undefined } = {},
    ) => {
      const body = { ...proof, ...(txn !== undefined && { txn }) }
      return once<StepUp>({ method: 'POST', path: '/challenge', body }, requestOptions)
    },
    /** A new set of backup codes; the old one is void. */
    regenerateBackupCodes: (proof: Proof, requestOptions: RequestOptions = {}) =>
      once<BackupCodes>({ method: 'POST', path: '/backup-codes', body: proof }, requestOptions),
    /** Turns MFA off. */
    disable: (proof: Proof, requestOptions: RequestOptions = {}) =>
      once<Done>({ method: 'POST', path: '/disable', body: proof }, requestOptions),
    /** Gives an authenticator another name. */
    renameAuthenticator: (id: string, name: string, requestOptions: RequestOptions = {}) =>
      once<Authenticator>({ method: 'PATCH', path: authenticatorPath(id), body: { name } }, requestOptions),
    /** Removes an authenticator, though not the last one. */
    removeAuthenticator: (id: string, proof: Proof, requestOptions: RequestOptions = {}) =>
      once<Done>({ method: 'POST', path: `${authenticatorPath(id)}/remove`, body: proof }, requestOptions),
    /** What happened, newest first. `limit` is 1 to 100, 20 if left out. */
    events: (
      page: { readonly cursor?: string | undefined; readonly limit?: number | undefined } = {},
      requestOptions: RequestOptions = {},
    ) => untilAnswered<EventPage>({ method: 'GET', path: '/events', query: queryOf(page) }, requestOptions),
  }
}

/** The address of the operations, below whatever path the service is mounted at. */
function baseOf(url: string | URL): string {
  const base = new URL(url)
  return new URL(`${base.pathname.replace(/\/$/, '')}/${OPERATIONS}`, base).href
}

function authenticatorPath(id: string): string {
  return `/authenticators/${encodeURIComponent(id)}`
}

function queryOf(members: Readonly<Record<string, string | number | undefined>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(members)) if (value !== undefined) query.set(name, String(value))
  return query
}
