import { createMiddleware } from 'hono/factory'
import * as z from 'zod/mini'
import { Problem } from '../../core/problems.ts'
import { isSubject } from '../../core/subject.ts'
import type { HttpEnv } from '../env.ts'
import { answerFile, segment } from '../files.ts'
import { newHono } from '../hono.ts'
import { jsonBody } from '../validate.ts'

const tokenBody = z.object({
  sub: z.string().check(z.refine(isSubject, 'must be 1 to 255 printable ASCII characters')),
})

/** Responds 404 unless `PAGE_ENABLED` is set. */
const enabled = createMiddleware<HttpEnv>(async (c, next) => {
  if (!c.env.config.PAGE_ENABLED) throw new Problem('not-found')
  await next()
})

/**
 * The demonstration page: `GET /` and the files that it loads. `POST /page/token` returns an access token for a demo
 * user; it exists only on a loopback address, and only with a shared secret for access tokens.
 */
export const page = newHono()
  .get('/', enabled, (c) => answerFile(c, '/page/index.html'))
  .get('/page/:file', enabled, (c) => answerFile(c, `/page/${segment(c, 'file')}`))
  .post('/page/token', enabled, ...jsonBody(tokenBody), async (c) => {
    const { mintDemoToken } = c.env
    if (mintDemoToken === undefined) throw new Problem('not-found')
    c.header('Cache-Control', 'no-store')
    return c.json(await mintDemoToken(c.req.valid('json').sub, c.env.now()))
  })
