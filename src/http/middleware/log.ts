import { hex } from '@scure/base'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { boundFields } from '../../core/bytes.ts'
import { PROBLEMS } from '../../core/problems.ts'
import type { Services } from '../../services.ts'
import type { HttpEnv } from '../env.ts'

/** The length of the keyed hash that identifies a subject in the log. */
const SUBJECT_HASH_LENGTH = 16

/** Logs one line for each request, after its response. It contains no body, code, token, secret or client address. */
export function requestLog(): MiddlewareHandler<HttpEnv> {
  return async function requestLog(c, next) {
    const startedAt = c.env.now()
    await next()
    // A logging error must not replace the response.
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

/** Returns the method and the pattern of the route, which contains no id. */
function operationOf(c: Context): string {
  // Hono handles HEAD with the route of GET.
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  const path = matchedRoutes(c).findLast((route) => route.method === method)?.path
  return `${c.req.method} ${path ?? '(unknown)'}`
}

/** Returns a keyed hash that identifies a subject in the log without revealing it. */
async function subjectHash(services: Services, subject: { issuer: string; sub: string }): Promise<string> {
  const { key } = await services.keyring.sealing('log-subject')
  const mac = await crypto.subtle.sign('HMAC', key, boundFields('log-subject', [subject.issuer, subject.sub]))
  return hex.encode(new Uint8Array(mac)).slice(0, SUBJECT_HASH_LENGTH)
}

/** Returns name and message of an error, without its stack. Messages of the database contain no values. */
function describe(cause: unknown): string | undefined {
  if (cause === undefined) return undefined
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause
}
