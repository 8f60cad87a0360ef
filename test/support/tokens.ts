import { base64urlnopad } from '@scure/base'
import { SignJWT } from 'jose'
import { SECRETS } from './secrets.ts'

/** The claims of a token that the Worker under test accepts. */
export function validClaims(now = Date.now()): Record<string, unknown> {
  const seconds = Math.floor(now / 1000)
  return { iss: 'https://issuer.example', aud: 'edge-mfa', sub: 'alice', iat: seconds, exp: seconds + 600 }
}

/** A token signed with the configured secret; `undefined` takes a claim out. */
export async function accessToken(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return new SignJWT({ ...validClaims(), jti: crypto.randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(base64urlnopad.decode(SECRETS.hs256))
}
