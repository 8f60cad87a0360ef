import { base64url } from 'jose'
import { textOf } from '../core/bytes.ts'

/** Characters of the longest token that is looked at: 8 KiB. */
const LONGEST = 8192

/** The decoded header and claims of a compact JWS, not verified yet. */
export type DecodedToken = {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Reads a compact JWS, strictly: three parts of base64url without padding, each its own only spelling, so that one
 * token has one text; header and claims JSON objects in valid UTF-8. Undefined for anything else.
 * @see RFC 7515 §3.1, RFC 8725 §3
 */
export function decodeCompact(token: string): DecodedToken | undefined {
  if (token.length > LONGEST) return undefined
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  const [header, claims, signature] = parts.map(decodePart)
  if (!header || !claims || !signature) return undefined
  const decoded = { header: parseObject(header), claims: parseObject(claims) }
  return decoded.header && decoded.claims ? { header: decoded.header, claims: decoded.claims } : undefined
}

function decodePart(part: string): Uint8Array | undefined {
  try {
    const bytes = base64url.decode(part)
    return bytes.length > 0 && base64url.encode(bytes) === part ? bytes : undefined
  } catch {
    return undefined
  }
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(textOf(bytes))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return value as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}
