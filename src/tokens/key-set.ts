import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose'
import { Problem } from '../core/problems.ts'

/** Milliseconds in which the source of a key set must answer. */
const SOURCE_TIMEOUT_MS = 1_500
/** How long a key set is used before it is asked for again; also how long a key that was taken out still works. */
const MAX_AGE_MS = 600_000
/** The least time between two requests to the source: after an unknown key id, and after a failure. */
const COOLDOWN_MS = 30_000
/** How long the edge answers in the source's place, so that not every new isolate asks it. */
const EDGE_FRESH_SECONDS = 60
/** How long the edge keeps the last good answer of a source, for the time when it is down. */
const EDGE_KEPT_SECONDS = 86_400

/**
 * The keys behind a URL, remembered by the isolate and by the edge. A new key is found when a token names it; while the
 * source is down the last known keys go on; with none known, the problem is `unavailable`, never a bad token.
 */
export function remoteKeySet(url: URL): JWTVerifyGetKey {
  let failedAt = Number.NEGATIVE_INFINITY
  const remote = createRemoteJWKSet(url, {
    timeoutDuration: SOURCE_TIMEOUT_MS,
    cacheMaxAge: MAX_AGE_MS,
    cooldownDuration: COOLDOWN_MS,
    [customFetch]: async (...request) => {
      try {
        return await fetchThroughEdge(...request)
      } catch (error) {
        failedAt = Date.now()
        throw error
      }
    },
  })

  return async (header, token) => {
    const known = remote.jwks()
    const resting = Date.now() - failedAt < COOLDOWN_MS
    if (known && resting) return createLocalJWKSet(known)(header, token)
    try {
      return await remote(header, token)
    } catch (error) {
      if (isAboutTheToken(error)) throw error
      // With keys at hand, whatever else they trip over (a key of the set that is unusable) is the token's choice too.
      const kept = remote.jwks()
      if (kept) return createLocalJWKSet(kept)(header, token)
      throw new Problem('unavailable', { retryAfterSeconds: 2, reason: 'key set: no answer', cause: error })
    }
  }
}

/** Whether the key set answered, and has no one key for this token. */
function isAboutTheToken(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
}

/** Asks the source; when it fails, the last good answer that this edge location kept. */
const fetchThroughEdge: FetchImplementation = async (url, options) => {
  try {
    const cf = { cacheEverything: true, cacheTtlByStatus: { '200-299': EDGE_FRESH_SECONDS } }
    const response = await fetch(url, { ...options, cf })
    if (response.status !== 200) throw new Error(`the source of the key set answered ${response.status}`)
    const body = await response.text()
    createLocalJWKSet(JSON.parse(body))
    await keepAtEdge(url, body)
    return new Response(body)
  } catch (error) {
    const kept = await caches.default.match(url)
    if (kept) return kept
    throw error
  }
}

async function keepAtEdge(url: string, body: string): Promise<void> {
  const kept = new Response(body, { headers: { 'Cache-Control': `max-age=${EDGE_KEPT_SECONDS}` } })
  await caches.default.put(url, kept).catch(() => undefined)
}
