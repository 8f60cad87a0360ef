import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import type { HttpEnv } from '../env.ts'

const PREFLIGHT_SECONDS = 600

/** What a page may load: its own style, script and pictures. Nothing of it stands in the page itself. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Headers of every answer: nothing may be framed or guessed, only a page may load anything, only elements be loaded. */
export function security(): MiddlewareHandler {
  const secure = secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
  })
  return async function security(c, next) {
    await secure(c, next)
    const isPage = c.res.headers.get('Content-Type')?.startsWith('text/html') ?? false
    if (isPage) c.res.headers.set('Content-Security-Policy', PAGE_POLICY)
    if (c.req.path.startsWith('/elements/')) c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin')
  }
}

/** Lets the pages of the configured origins, and no others, call the API and read what its headers say. */
export function crossOrigin(): MiddlewareHandler<HttpEnv> {
  const share = cors({
    origin: (origin, c) => (c.env.config.CORS_ORIGINS.includes(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposeHeaders: ['Retry-After', 'WWW-Authenticate', 'X-Request-Id', 'Allow'],
    maxAge: PREFLIGHT_SECONDS,
  })
  return async function crossOrigin(c, next) {
    const isPreflight = c.req.header('Access-Control-Request-Method') !== undefined
    return c.req.method === 'OPTIONS' && !isPreflight ? next() : share(c, next)
  }
}

/** Keeps answers about a subject out of every cache. */
export function noStore(): MiddlewareHandler {
  return async function noStore(c, next) {
    c.header('Cache-Control', 'no-store')
    await next()
  }
}
