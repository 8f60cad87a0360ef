import { base64 } from '@scure/base'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { vi } from 'vitest'
import type { AccessTokenSettings } from '../../src/tokens/access-token.ts'
import { part } from './forge.ts'
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

/** An RSA key of 1024 bits, which is too short (RFC 7518 §3.3), and a token under it; libraries refuse to sign one. */
export async function newShortKey(kid: string) {
  const publicExponent = new Uint8Array([1, 0, 1])
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent, hash: 'SHA-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('publicKey' in pair)) throw new Error('no pair')
  const jwk: JWK = { ...(await exportJWK(pair.publicKey)), kid }
  const signed = `${part({ alg: 'RS256', kid })}.${part(validClaims())}`
  const signature = await crypto.subtle.sign(algorithm.name, pair.privateKey, new TextEncoder().encode(signed))
  return { jwk, token: `${signed}.${part(new Uint8Array(signature))}` }
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
