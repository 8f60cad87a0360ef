import { hex } from '@scure/base'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { boundFields } from '../../core/bytes.ts'
import { PROBLEMS } from '../../core/problems.ts'
import type { Services } from '../../services.ts'
import type { HttpEnv } from '../env.ts'

/** Characters of the keyed hash that stands for a subject. */
const SUBJECT_HASH_LENGTH = 16

/** Writes one line for each request, when its answer is known. It never holds a body, code, token, secret or address. */
export function requestLog(): MiddlewareHandler<HttpEnv> {
  return async function requestLog(c, next) {
    const startedAt = c.env.now()
    await next()
    // The request has its answer by now: a log that fails must not take it back.
    await writeLine(c, startedAt).catch(() => undefined)
  }
}

async function writeLine(c: Context<HttpEnv>, startedAt: number): Promise<void> {
  const failure = c.get('failure')
  const accessToken = c.get('accessToken')
  const now = c.env.now()
  const operation = operationOf(c)
  c.env.log({
    time: new Date(now).toISOString(),
    level: c.res.status >= 500 ? 'error' : 'info',
    requestId: c.get('requestId'),
    operation,
    status: c.res.status,
    problem: failure?.code,
    reason: failure?.reason ?? c.get('warning'),
    cause: failure && PROBLEMS[failure.code].status >= 500 ? describe(failure.cause) : undefined,
    issuer: accessToken?.issuer.iss,
    subject: accessToken && (await subjectHash(c.env, accessToken.subject)),
    durationMs: now - startedAt,
    databaseRoundTrips: c.env.roundTrips(),
  })
  const labels = [
    operation,
    String(c.res.status),
    failure?.code ?? '',
    failure?.reason ?? '',
    accessToken?.issuer.iss ?? '',
  ]
  c.env.measure({ index: operation, labels, values: [now - startedAt, c.env.roundTrips()] })
}

/** The method and the pattern of the route, so that no id of a path is written down. */
function operationOf(c: Context): string {
  // Hono answers HEAD by the route of GET.
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  const path = matchedRoutes(c).findLast((route) => route.method === method)?.path
  return `${c.req.method} ${path ?? '(unknown)'}`
}

/** Tells the lines of one subject from another's, and not who it is. */
async function subjectHash(services: Services, subject: { issuer: string; sub: string }): Promise<string> {
  const { key } = await services.keyring.sealing('log-subject')
  const mac = await crypto.subtle.sign('HMAC', key, boundFields('log-subject', [subject.issuer, subject.sub]))
  return hex.encode(new Uint8Array(mac)).slice(0, SUBJECT_HASH_LENGTH)
}

/** What an error is, without its stack. The database's messages name tables and columns, never values. */
function describe(cause: unknown): string | undefined {
  if (cause === undefined) return undefined
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause
}
