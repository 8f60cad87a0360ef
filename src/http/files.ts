import type { Context } from 'hono'
import { Problem } from '../core/problems.ts'
import type { HttpEnv } from './env.ts'

/** How long a file may be kept whose name stays while its content changes. */
export const BRIEFLY = 'public, max-age=300'
/** How long a file may be kept whose name holds its version. */
export const FOREVER = 'public, max-age=31536000, immutable'

/** Answers a file that was deployed with the Worker, by its path. Throws `not-found` where there is none. */
export async function answerFile(c: Context<HttpEnv>, path: string, cacheControl = BRIEFLY): Promise<Response> {
  const file = await c.env.readFile(path)
  if (file === undefined) throw new Problem('not-found')
  return c.body(file.body, 200, { 'Content-Type': file.contentType, 'Cache-Control': cacheControl })
}

/** A parameter of the path as one segment of another one. */
export function segment(c: Context<HttpEnv>, name: string): string {
  return encodeURIComponent(c.req.param(name) ?? '')
}
