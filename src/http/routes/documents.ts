import { type Context, Hono } from 'hono'
import { Problem } from '../../core/problems.ts'
import type { HttpEnv } from '../env.ts'

const MAX_AGE_SECONDS = 300

/** `GET /openapi.json`, `/docs`, `/problems/{name}` and what the pages load: files that were made with the Worker. */
export const documents = new Hono<HttpEnv>()
  .get('/openapi.json', (c) => answerFile(c, '/openapi.json'))
  .get('/docs', (c) => answerFile(c, '/docs.html'))
  .get('/problems/:name', (c) => answerFile(c, `/problems/${encodeURIComponent(c.req.param('name'))}.html`))
  .get('/assets/:file', (c) => answerFile(c, `/assets/${encodeURIComponent(c.req.param('file'))}`))

async function answerFile(c: Context<HttpEnv>, path: string): Promise<Response> {
  const file = await c.env.readFile(path)
  if (file === undefined) throw new Problem('not-found')
  return c.body(file.body, 200, {
    'Content-Type': file.contentType,
    'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
  })
}
