import { base64 } from '@scure/base'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { vi } from 'vitest'
import type { AccessTokenSettings } from '../../src/tokens/access-token.ts'
import { validClaims } from './tokens.ts'

/** Algorithms of key sets. */
export const KEY_SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

/** A key pair of an issuer, and tokens under it. */
export type IssuerKey = Awaited<ReturnType<typeof newKey>>

/** A fresh key pair. */
export async function newKey(alg: string, kid: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid }
  const sign = (claims: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, unknown>> = {}) =>
    new SignJWT({ ...validClaims(), ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
  return { jwk, sign, pem: await toPem(publicKey) }
}

/** What a verifier for these keys is made from. */
export function settingsFor(keys: AccessTokenSettings['keys']): AccessTokenSettings {
  return {
    issuer: 'https://issuer.example',
    audience: 'edge-mfa',
    algorithms: KEY_SET_ALGORITHMS,
    maxLifetimeSeconds: 86_400,
    keys,
  }
}

/** A source of a key set that answers as it is told, at an address of its own. */
export function startSource(answer: () => Response | Promise<Response>) {
  const url = new URL(`https://issuer.example/${crypto.randomUUID()}`)
  const source = { url, answer, requests: [] as RequestInit[] }
  const elsewhere = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    if (String(input) !== url.href) return elsewhere(input, init)
    source.requests.push(init ?? {})
    return source.answer()
  })
  return source
}

/** The answer of a source that is well. */
export function jwks(...keys: readonly IssuerKey[]): () => Response {
  return () => Response.json({ keys: keys.map(({ jwk }) => jwk) })
}

async function toPem(key: CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey('spki', key)
  if (!(der instanceof ArrayBuffer)) throw new Error('no DER')
  return `-----BEGIN PUBLIC KEY-----\n${base64.encode(new Uint8Array(der))}\n-----END PUBLIC KEY-----`
}
