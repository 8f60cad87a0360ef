import { type Problem, readProblem, unreachable } from './problem.ts'

/** What came of an operation. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Problem }

/** One request and its answer. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly token: string
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds until the answer must have come. */
  readonly timeoutMs: number
  readonly fetch: typeof fetch
}

/** Sends one request. Rejects with the reason of `signal` when that aborts, and for nothing else. */
export async function exchange<Value>(options: Exchange): Promise<Result<Value>> {
  const { signal } = options
  signal?.throwIfAborted()
  try {
    return await send<Value>(options)
  } catch (error) {
    signal?.throwIfAborted()
    return { ok: false, problem: unreachable(error) }
  }
}

async function send<Value>({ method, url, token, body, ...options }: Exchange): Promise<Result<Value>> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const response = await options.fetch(url, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    // The service never redirects, so a redirect comes from another server, which gets no token.
    redirect: 'manual',
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
  })
  const text = await response.text()
  if (response.status === 204) return { ok: true, value: undefined as Value }
  const parsed = parse(text)
  if (response.ok && typeof parsed === 'object' && parsed !== null) return { ok: true, value: parsed as Value }
  return { ok: false, problem: readProblem(response, parsed) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
