import { base64urlnopad } from '@scure/base'
import { SignJWT } from 'jose'
import type { Verification } from '../../src/tokens/key-set.ts'
import { SECRETS } from './secrets.ts'

/** A verification at that time that keeps nothing alive: it asks no source of keys. */
export function at(now: number): Verification {
  return { now, waitUntil: () => undefined }
}

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
