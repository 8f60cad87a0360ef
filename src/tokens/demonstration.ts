import { SignJWT } from 'jose'

/** The lifetime of a demo token in seconds. */
const LIFETIME_SECONDS = 3600

/** Mints an access token for a demo user. @param now milliseconds since the epoch */
export type MintDemoToken = (
  sub: string,
  now: number,
) => Promise<{ readonly access_token: string; readonly token_type: 'Bearer'; readonly expires_in: number }>

/**
 * Creates the issuer of the demonstration page. It performs no authentication: it returns a token for any `sub`, so it
 * must only be used by a local service.
 */
export function createDemonstrationIssuer(settings: {
  readonly issuer: string
  readonly audience: string
  readonly secret: Uint8Array
}): MintDemoToken {
  return async function mintDemoToken(sub, now) {
    const issuedAt = Math.floor(now / 1000)
    const token = await new SignJWT({ auth_time: issuedAt })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuer(settings.issuer)
      .setAudience(settings.audience)
      .setSubject(sub)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_SECONDS)
      .sign(settings.secret)
    return { access_token: token, token_type: 'Bearer', expires_in: LIFETIME_SECONDS }
  }
}
