import { base64urlnopad } from '@scure/base'
import { SECRETS } from './secrets.ts'
import { validClaims } from './tokens.ts'

const encoder = new TextEncoder()
const SECRET = base64urlnopad.decode(SECRETS.hs256)

/** One part of a compact JWS: base64url of bytes, of a text, or of the JSON of anything else. */
export function part(value: unknown): string {
  if (value instanceof Uint8Array) return base64urlnopad.encode(value)
  return base64urlnopad.encode(encoder.encode(typeof value === 'string' ? value : JSON.stringify(value)))
}

/** The HMAC over two parts, whatever they say. */
export async function hmac(signed: string, secret: Uint8Array = SECRET, hash = 'SHA-256'): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(secret), { name: 'HMAC', hash }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(signed)))
}

/** A token whose parts say anything at all, and whose signature is right: by hand, since libraries refuse to. */
export async function forge(header: unknown, claims: unknown): Promise<string> {
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${part(await hmac(signed))}`
}

/** A rightly signed token that differs from a valid one in these claims; `undefined` takes one out. */
export function withClaims(now: number, claims: Readonly<Record<string, unknown>>): Promise<string> {
  return forge({ alg: 'HS256' }, { ...validClaims(now), ...claims })
}

/** A rightly signed token whose header has these members. */
export function withHeader(now: number, header: Readonly<Record<string, unknown>>): Promise<string> {
  return forge({ alg: 'HS256', ...header }, validClaims(now))
}
