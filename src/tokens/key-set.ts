import { type CompactVerifyGetKey, createLocalJWKSet, errors } from 'jose'
import { Problem } from '../core/problems.ts'
import { createSingleFlight, type WaitUntil } from '../single-flight.ts'
import { fetchKeySet, keepAtEdge, readKeptAtEdge, SOURCE_TIMEOUT_MS } from './key-set-source.ts'
import { usableKeys } from './usable-keys.ts'

/** Milliseconds for which a key set is used before the source is asked again; also how long a removed key still works. */
const MAX_AGE_MS = 600_000
/** The source is asked this often within a minute at most, for whatever reason. */
const MOST_REQUESTS = 2
const MINUTE_MS = 60_000
/** Milliseconds between two requests to the source while keys are known, and while none are. */
const SPACING_MS = 30_000
const RETRY_MS = 2_000

/** A verification: its time in milliseconds since the epoch, and what keeps work alive after the answer. */
export type Verification = { readonly now: number; readonly waitUntil: WaitUntil }

/** Finds the key of a token's header among those that a verification may use. */
export type KeyFinder = (verification: Verification) => CompactVerifyGetKey

type KnownKeys = { readonly find: CompactVerifyGetKey; readonly readAt: number }

/**
 * The keys behind a URL, kept by the isolate and by the edge. A request asks the source when no keys are known, when
 * they are stale, or when a token names an unknown key, within the limits above. While the source fails, the last good
 * keys remain in use. Throws `unavailable` when no keys are known, and jose's error when none of them fits the token.
 */
export function remoteKeySet(source: { readonly url: URL; readonly algorithms: readonly string[] }): KeyFinder {
  const { url, algorithms } = source
  const flight = createSingleFlight({
    longestMs: SOURCE_TIMEOUT_MS,
    mostStarts: MOST_REQUESTS,
    withinMs: MINUTE_MS,
  })
  let known: KnownKeys | undefined
  let failure: unknown

  const read = async (text: string, readAt: number) => {
    known = { find: createLocalJWKSet(await usableKeys(text, algorithms)), readAt }
  }
  const refresh = async ({ now, waitUntil }: Verification) => {
    // Read beside the request, so that it is there as soon as the source has failed.
    const kept = known ? undefined : readKeptAtEdge(url)
    try {
      const text = await fetchKeySet(url)
      await read(text, now)
      waitUntil(keepAtEdge(url, text))
    } catch (error) {
      failure = error
      const text = await kept
      if (text !== undefined) await read(text, Number.NEGATIVE_INFINITY).catch(() => undefined)
    }
  }

  return (verification) => async (header, token) => {
    const { now } = verification
    const isFound = known !== undefined && (await hasKey(known, header, token))
    const isFresh = known !== undefined && Math.abs(now - known.readAt) < MAX_AGE_MS
    if (!isFound || !isFresh) {
      const spacingMs = known ? SPACING_MS : RETRY_MS
      if (flight.mayStart({ now, spacingMs })) await flight.start(() => refresh(verification), verification)
      else if (!isFound) await flight.landing(now)
    }
    if (known) return known.find(header, token)
    throw new Problem('unavailable', { retryAfterSeconds: 2, reason: 'key set: no answer', cause: failure })
  }
}

/** A token without a key id may fit several keys, which jose reports as an error of its own. */
async function hasKey({ find }: KnownKeys, ...[header, token]: Parameters<CompactVerifyGetKey>): Promise<boolean> {
  try {
    await find(header, token)
    return true
  } catch (error) {
    return !(error instanceof errors.JWKSNoMatchingKey)
  }
}
