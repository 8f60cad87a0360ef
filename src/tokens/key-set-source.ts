/** Milliseconds in which the source of a key set must have answered, its body included. */
export const SOURCE_TIMEOUT_MS = 1_500
/** Bytes of the largest key set. */
const LARGEST_BYTES = 262_144
/** Seconds for which the edge answers in the source's place, so that not every new isolate asks it. */
const EDGE_FRESH_SECONDS = 60
/** Seconds for which the edge keeps the last good key set, for new isolates while the source fails. */
const EDGE_KEPT_SECONDS = 86_400

/** The body of the source's answer. Throws when it is not a 200 that arrives whole, in time and within 256 KiB. */
export async function fetchKeySet(url: URL): Promise<string> {
  const signal = AbortSignal.timeout(SOURCE_TIMEOUT_MS)
  const cf = { cacheEverything: true, cacheTtlByStatus: { '200-299': EDGE_FRESH_SECONDS } }
  const { status, body } = await fetch(url.href, { redirect: 'manual', signal, cf })
  if (status === 200 && body !== null) return new Response(body.pipeThrough(atMost(LARGEST_BYTES), { signal })).text()
  await body?.cancel()
  throw new Error(`the source of the key set answered ${status}`)
}

/** Keeps a key set at this edge location. A failure is ignored: the copy only bridges outages. */
export async function keepAtEdge(url: URL, text: string): Promise<void> {
  const copy = new Response(text, { headers: { 'Cache-Control': `max-age=${EDGE_KEPT_SECONDS}` } })
  await caches.default.put(cacheKey(url), copy).catch(() => undefined)
}

/** The key set that this edge location keeps, not validated; undefined when there is none. */
export async function readKeptAtEdge(url: URL): Promise<string | undefined> {
  try {
    const copy = await caches.default.match(cacheKey(url))
    return await copy?.text()
  } catch {
    return undefined
  }
}

/** A key of our own: under the source's URL, the copy would answer requests to the source. */
function cacheKey(url: URL): string {
  return `https://key-set.invalid/${encodeURIComponent(url.href)}`
}

/** A body may be of any length, whatever its headers say, so bytes are counted as they arrive. */
function atMost(largest: number): TransformStream<Uint8Array, Uint8Array> {
  let length = 0
  return new TransformStream({
    transform(chunk, controller) {
      length += chunk.length
      if (length > largest) controller.error(new Error(`the key set is larger than ${largest} bytes`))
      else controller.enqueue(chunk)
    },
  })
}
