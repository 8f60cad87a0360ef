import type { Context, MiddlewareHandler } from 'hono'
import type * as z from 'zod/mini'
import { textOf } from '../core/bytes.ts'
import { Problem } from '../core/problems.ts'
import type { HttpEnv } from './env.ts'

/** Bytes of the largest body. */
const LARGEST_BODY = 4096
/** Milliseconds in which a body must have arrived. */
const BODY_TIMEOUT_MS = 2_000
const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset=(utf-8|"utf-8")[ \t]*)?$/i

/**
 * Reads the body as JSON and validates it: content type, then size while reading, then UTF-8, then JSON, then shape.
 * A body of no bytes reads as `{}`. Members that the schema does not know are left out.
 */
export function validateBody<Schema extends z.ZodMiniType<object>>(
  schema: Schema,
): MiddlewareHandler<HttpEnv, string, { in: { json: z.input<Schema> }; out: { json: z.output<Schema> } }> {
  return async function validateBody(c, next) {
    const text = await readText(c)
    c.req.addValidatedData('json', parseShape(schema, text === '' ? {} : parseObject(text)))
    await next()
  }
}

/** Validates the query; of a member that is given twice, the first one counts. */
export function validateQuery<Schema extends z.ZodMiniType<object>>(
  schema: Schema,
): MiddlewareHandler<HttpEnv, string, { in: { query: z.input<Schema> }; out: { query: z.output<Schema> } }> {
  return async function validateQuery(c, next) {
    c.req.addValidatedData('query', parseShape(schema, c.req.query()))
    await next()
  }
}

async function readText(c: Context<HttpEnv>): Promise<string> {
  const { headers, body } = c.req.raw
  const type = headers.get('Content-Type')
  if (type !== null ? !JSON_TYPE.test(type) : body !== null && !isEmptyBody(headers)) {
    throw new Problem('unsupported-media-type')
  }
  if (headers.has('Content-Encoding'))
    throw new Problem('unsupported-media-type', { detail: 'The body must not be compressed.' })
  if (Number(headers.get('Content-Length') ?? 0) > LARGEST_BODY) throw new Problem('payload-too-large')
  return decodeUtf8(body === null ? new Uint8Array() : await readAtMost(body, LARGEST_BODY))
}

function isEmptyBody(headers: Headers): boolean {
  return headers.get('Content-Length') === '0'
}

/** The Content-Length may be missing or wrong, so the bytes are counted as they come, and waited for so long. */
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
      if (length + chunk.value.length > most) throw new Problem('payload-too-large')
      bytes.set(chunk.value, length)
      length += chunk.value.length
    }
  } catch (error) {
    throw error instanceof Problem ? error : notWhole()
  } finally {
    clearTimeout(timer)
  }
  // A reader that was cancelled says that it is done: what came until then is not the body.
  if (isLate) throw notWhole()
  return bytes.subarray(0, length)
}

function notWhole(): Problem {
  return new Problem('invalid-request', { detail: 'The body did not arrive whole, or not in time.' })
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return textOf(bytes)
  } catch {
    throw new Problem('invalid-request', { detail: 'The body is not valid UTF-8.' })
  }
}

function parseObject(text: string): object {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem('invalid-request', { detail: 'The body must be a JSON object.' })
  }
  return value
}

/** The parser's own message quotes the body, so it goes nowhere. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem('invalid-request', { detail: 'The body is not valid JSON.' })
  }
}

/** Validates a value; the problem `invalid-request` names each member at fault. */
function parseShape<Schema extends z.ZodMiniType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map((issue): [string, string] => [issue.path.join('/'), issue.message])
  const detail = fields.map(([name, message]) => `${name}: ${message}`).join('; ')
  throw new Problem('invalid-request', { detail, fields: Object.fromEntries(fields) })
}
