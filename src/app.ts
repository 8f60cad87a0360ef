import { type Context, Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { Problem } from './core/problems.ts'
import type { HttpEnv } from './http/env.ts'
import { crossOrigin, noStore, security } from './http/middleware/headers.ts'
import { requestLog } from './http/middleware/log.ts'
import { requestId } from './http/middleware/request-id.ts'
import { answerError, answerProblem, PROBLEM_TYPE, problemBody } from './http/problem.ts'
import { health } from './http/routes/health.ts'
import { setup } from './http/routes/setup.ts'
import { status } from './http/routes/status.ts'
import { verify } from './http/routes/verify.ts'

const PROFILE = '/api/user/profile/mfa'

/** The whole HTTP surface: middleware in order, routes, and the two handlers that answer everything else. */
export function createApp() {
  const app = new Hono<HttpEnv>()
  app.use(requestId(), requestLog(), security(), crossOrigin())
  app.use('/api/*', noStore())
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }))
  app.onError(answerError)
  // Answered, not thrown: only then does method-not-allowed get to see it.
  app.notFound((c) => answerProblem(c, new Problem('not-found')))

  return app
    .route(PROFILE, status)
    .route(`${PROFILE}/setup`, setup)
    .route(`${PROFILE}/verify`, verify)
    .route('/health', health)
}

/** What stands in for the app until the configuration is mended: every route answers the problem `internal`. */
export function createMisconfiguredApp() {
  const app = new Hono<{ Bindings: { report: (requestId: string) => void }; Variables: { requestId: string } }>()
  app.use(requestId(), security(), noStore())
  return app.all('*', (c) => {
    const requestId = c.get('requestId')
    c.env.report(requestId)
    const body = problemBody(new Problem('internal'), { requestId, publicUrl: undefined })
    return c.body(JSON.stringify(body), body.status, { 'Content-Type': PROBLEM_TYPE })
  })
}

function answerMethodNotAllowed(c: Context<HttpEnv>, methods: readonly string[]): Response {
  return answerProblem(c, new Problem('method-not-allowed'), { Allow: methods.join(', ') })
}
