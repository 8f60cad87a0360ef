import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import type { HttpEnv } from '../env.ts'

const PREFLIGHT_SECONDS = 600

/** Headers of every answer: nothing here is a page, so nothing may be loaded, framed or guessed. */
export function security(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
  })
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
