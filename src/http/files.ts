import type { Context } from 'hono'
import { Problem } from '../core/problems.ts'
import type { HttpEnv } from './env.ts'

/** The `Cache-Control` of a file whose content can change under the same name. */
export const SHORT_CACHE = 'public, max-age=300'
/** The `Cache-Control` of a file whose path contains its version. */
export const IMMUTABLE_CACHE = 'public, max-age=31536000, immutable'

/** Responds with a static asset of the Worker. Throws `not-found` when there is none at this path. */
export async function answerFile(c: Context<HttpEnv>, path: string, cacheControl = SHORT_CACHE): Promise<Response> {
  const file = await c.env.readFile(path)
  if (file === undefined) throw new Problem('not-found')
  return c.body(file.body, 200, { 'Content-Type': file.contentType, 'Cache-Control': cacheControl })
}

/** Returns a path parameter, encoded as one segment of another path. */
export function segment(c: Context<HttpEnv>, name: string): string {
  return encodeURIComponent(c.req.param(name) ?? '')
}
