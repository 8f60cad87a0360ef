import type { MiddlewareHandler } from 'hono'
import { textOf } from '../../core/bytes.ts'
import { Problem } from '../../core/problems.ts'
import type { HttpEnv } from '../env.ts'

/** The maximum size of a body in bytes, unless a route sets another one. */
const LARGEST_BODY = 4096
/** Limits that a route sets. */
export type BodyLimits = { readonly largestBody?: number }

/** Milliseconds within which a body must arrive. */
const BODY_TIMEOUT_MS = 2_000
const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset=(utf-8|"utf-8")[ \t]*)?$/i

/**
 * Reads the body for the validator after it: checks the content type, limits size and time, and rejects invalid UTF-8.
 * The `json()` of the runtime has no limits and replaces invalid UTF-8. An empty body is read as `{}`.
 */
export function body({ largestBody = LARGEST_BODY }: BodyLimits = {}): MiddlewareHandler<HttpEnv> {
  return async function body(c, next) {
    const { headers, body } = c.req.raw
    assertMediaType(headers, body)
    if (Number(headers.get('Content-Length') ?? 0) > largestBody) throw payloadTooLarge(largestBody)
    const text = decodeUtf8(body === null ? new Uint8Array() : await readAtMost(body, largestBody))
    // Hono expects a promise here, although the type of `bodyCache` says otherwise.
    Object.assign(c.req.bodyCache, { text: Promise.resolve(text === '' ? '{}' : text) })
    await next()
  }
}

function assertMediaType(headers: Headers, body: ReadableStream | null): void {
  const type = headers.get('Content-Type')
  const isEmpty = body === null || headers.get('Content-Length') === '0'
  if (type === null ? !isEmpty : !JSON_TYPE.test(type)) throw new Problem('unsupported-media-type')
  if (headers.has('Content-Encoding'))
    throw new Problem('unsupported-media-type', { detail: 'The body must not be compressed.' })
}

/** Counts the bytes as they arrive, since the Content-Length may be missing or wrong. */
async function readAtMost(body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const reader = body.getReader()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    reader.cancel().catch(() => undefined)
  }, BODY_TIMEOUT_MS)
  const bytes = new Uint8Array(most)
  let length = 0
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (length + chunk.value.length > most) throw payloadTooLarge(most)
      bytes.set(chunk.value, length)
      length += chunk.value.length
    }
  } catch (error) {
    throw error instanceof Problem ? error : incomplete()
  } finally {
    clearTimeout(timer)
  }
  // A cancelled reader reports the end of the stream, but the body is incomplete.
  if (isLate) throw incomplete()
  return bytes.subarray(0, length)
}

function payloadTooLarge(most: number): Problem {
  return new Problem('payload-too-large', { detail: `The body must not exceed ${most} bytes.` })
}

function incomplete(): Problem {
  return new Problem('invalid-request', { detail: 'The body was incomplete or did not arrive in time.' })
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return textOf(bytes)
  } catch {
    throw new Problem('invalid-request', { detail: 'The body is not valid UTF-8.' })
  }
}
