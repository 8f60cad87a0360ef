import { SignJWT } from 'jose'
import type { Settings } from './settings.ts'

/** What an access token says beyond its issuer and audience. */
export type TokenRequest = {
  readonly sub: string
  readonly scope?: string | undefined
  readonly expiresInSeconds: number
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** An access token that the local service accepts, as its application's issuer would sign it. */
export async function signAccessToken(settings: Settings, request: TokenRequest): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const scope = request.scope === undefined ? {} : { scope: request.scope }
  return new SignJWT({ auth_time: now, ...scope, ...request.claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(settings['AUTH_ISSUER'] ?? '')
    .setAudience(settings['AUTH_AUDIENCE'] ?? '')
    .setSubject(request.sub)
    .setIssuedAt(now)
    .setExpirationTime(now + request.expiresInSeconds)
    .sign(Buffer.from(settings['AUTH_HS256_SECRET'] ?? '', 'base64url'))
}
