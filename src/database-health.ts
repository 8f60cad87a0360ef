import { Problem } from './core/problems.ts'
import { createSingleFlight, type WaitUntil } from './single-flight.ts'

/** Milliseconds for which a result is reused, and the minimum time between two database calls. */
const KEPT_MS = 5_000
/** Milliseconds that a request waits for the call of another one, which ends after 2 s. */
const LONGEST_CALL_MS = 2_500
const NO_ANSWER = 'database: no answer'

/** Returns why the database does not respond, for the log; undefined when it does. */
export type DatabaseHealth = (
  ping: () => Promise<void>,
  request: { readonly now: number; readonly waitUntil: WaitUntil },
) => Promise<string | undefined>

/** Creates a health check that calls the database at most once every five seconds per isolate. */
export function createDatabaseHealth(): DatabaseHealth {
  const flight = createSingleFlight({ longestMs: LONGEST_CALL_MS, mostStarts: 1, withinMs: KEPT_MS })
  let last: { readonly askedAt: number; readonly failure: string | undefined } | undefined

  return async (ping, { now, waitUntil }) => {
    const ask = async () => {
      last = { askedAt: now, failure: await ping().then(() => undefined, reasonOf) }
    }
    if (flight.mayStart({ now, spacingMs: KEPT_MS })) await flight.start(ask, { now, waitUntil })
    else await flight.landing(now)
    return last && Math.abs(now - last.askedAt) < KEPT_MS ? last.failure : NO_ANSWER
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Problem && error.options.reason) || NO_ANSWER
}
