/** The poll interval, in milliseconds, of a request that waits for the work of another one. */
const POLL_MS = 20

/** Keeps work running after the response, like `waitUntil` of `ExecutionContext`. */
export type WaitUntil = (work: Promise<unknown>) => void

/** Work that one request does for all requests of its isolate. */
export type SingleFlight = {
  /** Returns whether the limits allow a start at `now` and the last start is at least `spacingMs` ago. */
  readonly mayStart: (options: { now: number; spacingMs: number }) => boolean
  /** Starts the work and resolves when it ends. The work publishes its own result and must not reject. */
  readonly start: (work: () => Promise<void>, request: { now: number; waitUntil: WaitUntil }) => Promise<void>
  /** Waits up to `longestMs` for the work of another request. Resolves immediately when there is none. */
  readonly landing: (now: number) => Promise<void>
}

/**
 * Limits how often an isolate does a piece of work that many requests need: to `mostStarts` within `withinMs`. A start is
 * counted before the work begins and expires by itself, so a request that ends early does not block later ones.
 *
 * No request awaits a promise of another one, since workerd may drop the promises of a request that ends. The request
 * that starts the work keeps it running with `waitUntil`; the others poll with their own timers.
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
      // Counts polls instead of reading the clock, which may stop or jump.
      for (let waited = 0; waited < longestMs && !flight.hasLanded; waited += POLL_MS) await sleep(POLL_MS)
    },
  }
}

type Flight = { readonly startedAt: number; hasLanded: boolean }

/** A start in the future counts too, since the clock may have been set back. */
function isWithin({ startedAt }: Flight, now: number, ms: number): boolean {
  return Math.abs(now - startedAt) < ms
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
