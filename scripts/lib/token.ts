import { SignJWT } from 'jose'
import { findIssuer } from './issuers.ts'
import type { Settings } from './settings.ts'

/** What an access token says. */
export type TokenRequest = {
  /** `iss`, by default that of the first issuer with a shared secret. */
  readonly issuer?: string | undefined
  readonly sub: string
  readonly scope?: string | undefined
  readonly expiresInSeconds: number
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** An access token that the local service accepts, signed with the secret of its issuer. Throws a `CliError` without one. */
export async function signAccessToken(settings: Settings, request: TokenRequest): Promise<string> {
  const { issuer, audience, hs256_secret: secret } = findIssuer(settings, request.issuer)
  const now = Math.floor(Date.now() / 1000)
  const scope = request.scope === undefined ? {} : { scope: request.scope }
  return new SignJWT({ auth_time: now, ...scope, ...request.claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(request.sub)
    .setIssuedAt(now)
    .setExpirationTime(now + request.expiresInSeconds)
    .sign(Buffer.from(secret, 'base64url'))
}
