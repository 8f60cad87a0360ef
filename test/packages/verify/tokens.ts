import { base64url, CompactSign, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose'

export const SERVICE_URL = 'https://mfa.example.com'
export const AUDIENCE = 'https://api.example.com'
export const USER = { iss: 'https://issuer.example.com', sub: 'alice' }

const KEY_ID = 'signing-key'

type Members = Readonly<Record<string, unknown>>

/** A stand-in for Edge MFA: it signs tokens with any claims, and publishes its key. */
export type Signer = {
  readonly publicJwk: JWK
  readonly keySet: JSONWebKeySet
  /** A valid step-up token but for these members; `undefined` leaves one out. */
  readonly sign: (claims?: Members, header?: Members) => Promise<string>
}

/** A signer with a fresh key. */
export async function createSigner(kid = KEY_ID): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }
  return {
    publicJwk,
    keySet: { keys: [publicJwk] },
    sign: (claims = {}, header = {}) =>
      new CompactSign(bytesOf({ ...validClaims(), ...claims }))
        .setProtectedHeader({ alg: 'ES256', typ: 'mfa-stepup+jwt', kid, ...header })
        .sign(privateKey),
  }
}

/** A token with any header, signed by HMAC with any secret, or not at all. */
export async function signByHand(header: Members, secret?: Uint8Array<ArrayBuffer>): Promise<string> {
  const signed = [{ typ: 'mfa-stepup+jwt', kid: KEY_ID, ...header }, validClaims()]
    .map((part) => base64url.encode(bytesOf(part)))
    .join('.')
  if (secret === undefined) return `${signed}.`
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed))
  return `${signed}.${base64url.encode(new Uint8Array(signature))}`
}

/** Seconds since the epoch. */
export function seconds(): number {
  return Math.floor(Date.now() / 1000)
}

function validClaims(): Members {
  const now = seconds()
  return {
    iss: SERVICE_URL,
    sub: USER.sub,
    sub_iss: USER.iss,
    aud: AUDIENCE,
    iat: now,
    exp: now + 300,
    auth_time: now,
    acr: 'urn:edge-mfa:acr:mfa',
    amr: ['otp', 'mfa'],
    jti: crypto.randomUUID(),
  }
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(value)))
}
