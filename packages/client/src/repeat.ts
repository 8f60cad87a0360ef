import type { Result } from './exchange.ts'

/** Requests in all, and milliseconds in which the last of them begins. */
const MOST_TRIES = 4
const LONGEST_MS = 30_000
/** Milliseconds before the second try, doubled before each further one, where the response has no Retry-After. */
const FIRST_WAIT_MS = 500

/**
 * Asks again while the service is not reached or says that it is unavailable, as long after as it says. For requests
 * that may be sent twice: reading, and `verify`, which the service answers the same again for 120 seconds.
 */
export async function repeatWhereLost<Value>(
  ask: () => Promise<Result<Value>>,
  signal: AbortSignal | undefined,
): Promise<Result<Value>> {
  const startedAt = Date.now()
  for (let tries = 1; ; tries += 1) {
    const result = await ask()
    if (result.ok) return result
    const { problem } = result
    if (problem.name !== 'unreachable' && problem.name !== 'unavailable') return result
    const wait = problem.retryAfter === undefined ? FIRST_WAIT_MS * 2 ** (tries - 1) : problem.retryAfter * 1000
    if (tries === MOST_TRIES || Date.now() - startedAt + wait > LONGEST_MS) return result
    await sleep(wait, signal)
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
