import { SignJWT } from 'jose'

/** Seconds for which the token of a made-up user is good. */
const LIFETIME_SECONDS = 3600

/** Signs a made-up user in. @param now milliseconds since the epoch */
export type SignIn = (
  sub: string,
  now: number,
) => Promise<{ readonly access_token: string; readonly token_type: 'Bearer'; readonly expires_in: number }>

/** An issuer for the demonstration page of a local service: whoever asks is whom they say. Never for other services. */
export function createDemonstrationIssuer(settings: {
  readonly issuer: string
  readonly audience: string
  readonly secret: Uint8Array
}): SignIn {
  return async function signIn(sub, now) {
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
