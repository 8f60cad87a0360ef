/** Milliseconds between two looks of a request that waits for the work of another one. */
const POLL_MS = 20

/** Keeps a promise alive after the answer, as `ExecutionContext` does. */
export type WaitUntil = (work: Promise<unknown>) => void

/** Work that one request does for all requests of its isolate. */
export type SingleFlight = {
  /** Whether the limits allow a start at `now`, and the last start is `spacingMs` ago. */
  readonly mayStart: (options: { now: number; spacingMs: number }) => boolean
  /** Does the work and returns when it has ended. The work publishes its own result and must not reject. */
  readonly start: (work: () => Promise<void>, request: { now: number; waitUntil: WaitUntil }) => Promise<void>
  /** Waits for work that another request has under way, `longestMs` at most; returns at once when there is none. */
  readonly landing: (now: number) => Promise<void>
}

/**
 * Limits how often an isolate does a piece of work, however many requests need it: `mostStarts` within `withinMs`.
 * A start is counted before the work begins, and counts until it expires, so a request that ends early blocks nothing.
 *
 * No request awaits the promise of another: workerd may end a request's promises together with the request. The request
 * that starts the work keeps it alive with `waitUntil`; the others poll by timers of their own.
 */
export function createSingleFlight(options: {
  readonly longestMs: number
  readonly mostStarts: number
  readonly withinMs: number
}): SingleFlight {
  const { longestMs, mostStarts, withinMs } = options
  let flights: readonly Flight[] = []

  return {
    mayStart({ now, spacingMs }) {
      const recent = flights.filter((flight) => isWithin(flight, now, withinMs))
      return recent.length < mostStarts && !recent.some((flight) => isWithin(flight, now, spacingMs))
    },
    start(work, { now, waitUntil }) {
      const flight = { startedAt: now, hasLanded: false }
      flights = [...flights, flight].slice(-mostStarts)
      const landing = work().finally(() => {
        flight.hasLanded = true
      })
      waitUntil(landing)
      return landing
    },
    async landing(now) {
      const flight = flights.at(-1)
      if (!flight || !isWithin(flight, now, longestMs)) return
      // Counted in polls: a clock that stands still or jumps must not make the wait longer.
      for (let waited = 0; waited < longestMs && !flight.hasLanded; waited += POLL_MS) await sleep(POLL_MS)
    },
  }
}

type Flight = { readonly startedAt: number; hasLanded: boolean }

/** A start in the future counts as well: the clock may have gone back. */
function isWithin({ startedAt }: Flight, now: number, ms: number): boolean {
  return Math.abs(now - startedAt) < ms
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
