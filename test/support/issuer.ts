import { base64 } from '@scure/base'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { vi } from 'vitest'
import type { Issuer } from '../../src/core/issuer.ts'
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

/** The issuer of the tokens in these tests, with these keys; `overrides` replace its settings. */
export function settingsFor(keys: Issuer['keys'], overrides: Partial<Issuer> = {}): Issuer {
  const iss = overrides.iss ?? 'https://issuer.example'
  return {
    iss,
    audience: 'edge-mfa',
    algorithms: keys.kind === 'secret' ? ['HS256'] : KEY_SET_ALGORITHMS,
    maxLifetimeSeconds: 86_400,
    keys,
    subjectIssuer: iss,
    privileged: true,
    mfaIssuer: 'Example',
    accountClaim: undefined,
    stepUpAudience: 'https://api.example',
    enrollMaxAgeSeconds: undefined,
    corsOrigins: [],
    ...overrides,
  }
}

type Source = { readonly url: URL; answer: () => Response | Promise<Response>; readonly requests: RequestInit[] }

const sources = new Map<string, Source>()

/** A source of a key set with a URL of its own; `answer` may be replaced. Several may run side by side. */
export function startSource(answer: Source['answer']): Source {
  const url = new URL(`https://issuer.example/${crypto.randomUUID()}`)
  const source: Source = { url, answer, requests: [] }
  sources.set(url.href, source)
  if (!vi.isMockFunction(globalThis.fetch)) interceptFetch()
  return source
}

function interceptFetch(): void {
  const elsewhere = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const source = sources.get(String(input))
    if (!source) return elsewhere(input, init)
    source.requests.push(init ?? {})
    return source.answer()
  })
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
