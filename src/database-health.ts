import { Problem } from './core/problems.ts'
import { createSingleFlight, type WaitUntil } from './single-flight.ts'

/** Milliseconds for which a result is used again, and the least time between two calls of the database. */
const KEPT_MS = 5_000
/** A call ends after 2 s; milliseconds that a request waits for the call of another one. */
const LONGEST_CALL_MS = 2_500
const NO_ANSWER = 'database: no answer'

/** Why the database does not answer, for the log; undefined when it does. */
export type DatabaseHealth = (
  ping: () => Promise<void>,
  request: { readonly now: number; readonly waitUntil: WaitUntil },
) => Promise<string | undefined>

/** A health check that calls the database once in five seconds, however many requests an isolate gets meanwhile. */
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
