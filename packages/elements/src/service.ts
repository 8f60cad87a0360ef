import type { Problem, RequestOptions, Result } from '../../client/src/client.ts'

/** The page gave no access token: its callback failed. */
type NoToken = { readonly name: 'no-token'; readonly cause: unknown }

/** Why there is no value. */
export type Fault = Problem | NoToken

/** What came of asking the service. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: Fault }

/** Waits for an answer of the client; `undefined` says that nobody waits for it any more. */
export async function outcomeOf<Value>(
  call: (options: RequestOptions) => Promise<Result<Value>>,
  signal: AbortSignal,
): Promise<Outcome<Value> | undefined> {
  try {
    return await call({ signal })
  } catch (cause) {
    // Apart from the end of the signal, the client throws only what the token callback threw.
    return signal.aborted ? undefined : { ok: false, problem: { name: 'no-token', cause } }
  }
}

/** Seconds until asking again makes sense, where the service said so. */
export function retryAfterOf(fault: Fault): number | undefined {
  return 'retryAfter' in fault ? fault.retryAfter : undefined
}

/** What names the request in the log of the service. */
export function requestIdOf(fault: Fault): string | undefined {
  return 'requestId' in fault ? fault.requestId : undefined
}
