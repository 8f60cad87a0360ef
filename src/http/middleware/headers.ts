import type { Context, MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import type { HttpEnv } from '../env.ts'

const PREFLIGHT_SECONDS = 600
const EXPOSED = ['Retry-After', 'WWW-Authenticate', 'X-Request-Id', 'Allow']

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

/**
 * Lets the pages of the configured origins, and no others, call the API and read what its headers say. Hono answers the
 * preflights. On every other answer its headers would stand before there is one, so that it builds each three times.
 */
export function crossOrigin(): MiddlewareHandler<HttpEnv> {
  const preflight = cors({
    origin: (_origin, c) => allowedOrigin(c) ?? null,
    allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposeHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  })
  return async function crossOrigin(c, next) {
    if (c.req.method === 'OPTIONS') {
      const isPreflight = c.req.header('Access-Control-Request-Method') !== undefined
      return isPreflight ? preflight(c, next) : next()
    }
    await next()
    share(c.res.headers, allowedOrigin(c))
  }
}

function allowedOrigin(c: Context<HttpEnv>): string | undefined {
  return c.env.config.CORS_ORIGINS.find((origin) => origin === c.req.header('Origin'))
}

/** An answer that everybody may read says so already. */
function share(headers: Headers, origin: string | undefined): void {
  if (origin !== undefined && !headers.has('Access-Control-Allow-Origin')) {
    headers.set('Access-Control-Allow-Origin', origin)
  }
  headers.set('Access-Control-Expose-Headers', EXPOSED.join(','))
  headers.append('Vary', 'Origin')
}

/** Keeps answers about a subject out of every cache. */
export function noStore(): MiddlewareHandler {
  return async function noStore(c, next) {
    c.header('Cache-Control', 'no-store')
    await next()
  }
}
