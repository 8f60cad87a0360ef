import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** The policy of HTML pages: styles, scripts and images of this origin, none inline. */
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

/**
 * Sets the security headers of every response: no framing, no content sniffing, and a Content-Security-Policy that only
 * lets HTML pages load resources. Other origins may load the files under `/elements/`.
 */
export function securityHeaders(): MiddlewareHandler {
  const secure = secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
  })
  return async function securityHeaders(c, next) {
    await secure(c, next)
    const isPage = c.res.headers.get('Content-Type')?.startsWith('text/html') ?? false
    if (isPage) c.res.headers.set('Content-Security-Policy', PAGE_POLICY)
    if (c.req.path.startsWith('/elements/')) c.res.headers.set('Cross-Origin-Resource-Policy', 'cross-origin')
  }
}

/** Sets `Cache-Control: no-store`, so that no cache stores a response about a subject. */
export function noStore(): MiddlewareHandler {
  return async function noStore(c, next) {
    c.header('Cache-Control', 'no-store')
    await next()
  }
}
