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

/** Nothing of it is there unless `PAGE_ENABLED` says so. */
const enabled = createMiddleware<HttpEnv>(async (c, next) => {
  if (!c.env.config.PAGE_ENABLED) throw new Problem('not-found')
  await next()
})

/**
 * The demonstration page: `GET /` and what it loads. `POST /page/token` signs in a made-up user, on a service that
 * itself is on loopback and shares a secret with its issuer, and nowhere else.
 */
export const page = newHono()
  .get('/', enabled, (c) => answerFile(c, '/page/index.html'))
  .get('/page/:file', enabled, (c) => answerFile(c, `/page/${segment(c, 'file')}`))
  .post('/page/token', enabled, ...jsonBody(tokenBody), async (c) => {
    const { signIn } = c.env
    if (signIn === undefined) throw new Problem('not-found')
    c.header('Cache-Control', 'no-store')
    return c.json(await signIn(c.req.valid('json').sub, c.env.now()))
  })
