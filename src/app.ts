import type { Context } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { Problem } from './core/problems.ts'
import type { HttpEnv } from './http/env.ts'
import { newHono } from './http/hono.ts'
import { cors } from './http/middleware/cors.ts'
import { requestLog } from './http/middleware/log.ts'
import { requestId } from './http/middleware/request-id.ts'
import { noStore, securityHeaders } from './http/middleware/security-headers.ts'
import { answerError, answerProblem, PROBLEM_TYPE, problemBody } from './http/problem.ts'
import { admin } from './http/routes/admin.ts'
import { authenticators } from './http/routes/authenticators.ts'
import { backupCodes } from './http/routes/backup-codes.ts'
import { bulkStatus } from './http/routes/bulk-status.ts'
import { challenge } from './http/routes/challenge.ts'
import { disable } from './http/routes/disable.ts'
import { documents } from './http/routes/documents.ts'
import { elements } from './http/routes/elements.ts'
import { events } from './http/routes/events.ts'
import { health } from './http/routes/health.ts'
import { jwks } from './http/routes/jwks.ts'
import { page } from './http/routes/page.ts'
import { service } from './http/routes/service.ts'
import { setup } from './http/routes/setup.ts'
import { status } from './http/routes/status.ts'
import { verify } from './http/routes/verify.ts'

const PROFILE = '/api/user/profile/mfa'

/** Creates the Hono app: middleware in order, routes, and the handlers of errors and unknown paths. */
export function createApp() {
  const app = newHono()
  app.use(requestId(), requestLog(), securityHeaders())
  app.use('/api/*', noStore())
  app.use(cors())
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerMethodNotAllowed }))
  app.onError(answerError)
  // Returned, not thrown: method-not-allowed replaces a 404 response only then.
  app.notFound((c) => answerProblem(c, new Problem('not-found')))

  return app
    .route(PROFILE, status)
    .route(`${PROFILE}/setup`, setup)
    .route(`${PROFILE}/verify`, verify)
    .route(`${PROFILE}/challenge`, challenge)
    .route(`${PROFILE}/backup-codes`, backupCodes)
    .route(`${PROFILE}/disable`, disable)
    .route(`${PROFILE}/authenticators`, authenticators)
    .route(`${PROFILE}/events`, events)
    .route('/api/admin/users', bulkStatus)
    .route('/api/admin/users/:sub/mfa', admin)
    .route('/api/service/users/:sub', service)
    .route('/.well-known/jwks.json', jwks)
    .route('/health', health)
    .route('/', documents)
    .route('/elements', elements)
    .route('/', page)
}

/** The routes as a type, for `hc<AppType>(url)` of `hono/client`. */
export type AppType = ReturnType<typeof createApp>

/** Creates the app that is used while the configuration is invalid: every route returns the problem `internal`. */
export function createMisconfiguredApp() {
  type Bindings = { publicUrl: string | undefined; report: (requestId: string) => void }
  const app = newHono<{ Bindings: Bindings; Variables: { requestId: string } }>()
  app.use(requestId(), securityHeaders(), noStore())
  return app.all('*', (c) => {
    const requestId = c.get('requestId')
    c.env.report(requestId)
    const body = problemBody(new Problem('internal'), { requestId, publicUrl: c.env.publicUrl })
    return c.body(JSON.stringify(body), body.status, { 'Content-Type': PROBLEM_TYPE })
  })
}

function answerMethodNotAllowed(c: Context<HttpEnv>, methods: readonly string[]): Response {
  return answerProblem(c, new Problem('method-not-allowed'), { Allow: methods.join(', ') })
}
