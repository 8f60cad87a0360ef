import type { Context, MiddlewareHandler } from 'hono'
import { cors as preflightCors } from 'hono/cors'
import type { HttpEnv } from '../env.ts'

const PREFLIGHT_SECONDS = 600
const EXPOSED = ['Retry-After', 'WWW-Authenticate', 'X-Request-Id', 'Allow']

/**
 * Allows the configured origins, and no others, to call the API and to read the exposed headers. A preflight carries no
 * access token, so it allows the origins of every issuer; an answer allows those of the issuer of its access token.
 * Preflights are answered by Hono's middleware. Other responses get their headers after the handler: headers that Hono sets before
 * there is a response make it build that response three times.
 */
export function cors(): MiddlewareHandler<HttpEnv> {
  const preflight = preflightCors({
    origin: (_origin, c) => allowedOrigin(c) ?? null,
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposeHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  })
  return async function cors(c, next) {
    if (c.req.method === 'OPTIONS') {
      const isPreflight = c.req.header('Access-Control-Request-Method') !== undefined
      return isPreflight ? preflight(c, next) : next()
    }
    await next()
    setCorsHeaders(c.res.headers, allowedOrigin(c))
  }
}

/** An answer to a request without a valid access token holds nothing of a subject, so every configured origin may read it. */
function allowedOrigin(c: Context<HttpEnv>): string | undefined {
  const origins = c.get('accessToken')?.issuer.corsOrigins ?? c.env.config.corsOrigins
  return origins.find((origin) => origin === c.req.header('Origin'))
}

/** A response that is readable from every origin has its `Access-Control-Allow-Origin` already. */
function setCorsHeaders(headers: Headers, origin: string | undefined): void {
  if (origin !== undefined && !headers.has('Access-Control-Allow-Origin')) {
    headers.set('Access-Control-Allow-Origin', origin)
  }
  headers.set('Access-Control-Expose-Headers', EXPOSED.join(','))
  headers.append('Vary', 'Origin')
}
