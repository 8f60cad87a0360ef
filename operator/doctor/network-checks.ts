import { calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import * as z from 'zod/mini'
import type { Config } from '../../src/config.ts'
import type { Issuer } from '../../src/core/issuer.ts'
import { type Finding, finding } from './findings.ts'

const KEY_SET_TIMEOUT_MS = 1_500
const TIMEOUT_MS = 5_000
/** One TOTP time step. */
const MAX_CLOCK_DIFFERENCE_MS = 30_000

const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/** Checks the key set of each issuer, at its URL or in the settings. */
export async function checkKeySets(config: Config): Promise<readonly Finding[]> {
  const findings = await Promise.all(config.issuers.map((issuer) => checkKeySet(issuer, config)))
  return findings.flat()
}

async function checkKeySet(issuer: Issuer, { PUBLIC_URL }: Config): Promise<readonly Finding[]> {
  const { iss, keys, algorithms } = issuer
  if (keys.kind === 'secret') return []
  if (keys.kind === 'inline') return checkKeys(keys.jwks, { algorithms, found: `the key set of ${iss}` })
  const { href } = keys.url
  if (href === `${PUBLIC_URL}/.well-known/jwks.json`) return [finding('key-set-own', href)]
  const answer = await ask(href, { timeoutMs: KEY_SET_TIMEOUT_MS })
  if (answer?.status !== 200) return [finding('key-set-unreachable', `${href}: ${answer?.status ?? 'no answer'}`)]
  return checkKeys(parseJson(answer.body), { algorithms, found: href })
}

async function checkKeys(
  value: unknown,
  options: { algorithms: readonly string[]; found: string },
): Promise<readonly Finding[]> {
  const { algorithms, found } = options
  const set = jwkSet.safeParse(value).data
  if (!set) return [finding('key-set-unusable', `${found}: not a key set`)]
  if (set.keys.some((jwk) => 'd' in jwk)) return [finding('key-set-private', found)]
  const usable = await Promise.all(set.keys.map((jwk) => isUsable(jwk, algorithms)))
  const none = !usable.some(Boolean)
  return none ? [finding('key-set-unusable', `${found}: ${set.keys.length} keys, none usable for ${algorithms}`)] : []
}

const ALGORITHMS_OF: Readonly<Record<string, readonly string[]>> = {
  RSA: ['RS256', 'PS256'],
  'P-256': ['ES256'],
  Ed25519: ['EdDSA'],
}

async function isUsable(jwk: JWK, allowed: readonly string[]): Promise<boolean> {
  const possible = ALGORITHMS_OF[jwk.kty === 'RSA' ? 'RSA' : (jwk.crv ?? '')] ?? []
  const algorithm = possible.find((each) => allowed.includes(each) && (jwk.alg === undefined || jwk.alg === each))
  if (algorithm === undefined) return false
  return importJWK(jwk, algorithm).then(isLongEnough, () => false)
}

/** The service rejects RSA keys shorter than 2048 bits (RFC 7518 §3.3). */
function isLongEnough(key: CryptoKey | Uint8Array): boolean {
  return !('algorithm' in key) || !('modulusLength' in key.algorithm) || Number(key.algorithm.modulusLength) >= 2048
}

/** Checks the webhook receiver with a HEAD request. 404 and 405 are no findings, since it may accept POST only. */
export async function checkReceiver({ WEBHOOK_URL: url }: Config): Promise<readonly Finding[]> {
  if (url === undefined) return []
  const answer = await ask(url, { method: 'HEAD' })
  // The path may be secret.
  if (!answer) return [finding('receiver-unreachable', url.host)]
  const { status } = answer
  const refuses = (status >= 300 && status < 400) || status === 410 || status >= 500
  return refuses ? [finding('receiver-refuses', `${url.host}: ${status}`)] : []
}

/** Checks the service at PUBLIC_URL, if one is deployed there. */
export async function checkService(config: Config): Promise<readonly Finding[]> {
  const { PUBLIC_URL: url } = config
  const health = await ask(`${url}/health?deep=1`)
  if (!health) return [finding('service-unreachable', url)]
  const unhealthy =
    health.status === 200 ? [] : [finding('service-unhealthy', `${url}/health?deep=1: ${health.status}`)]
  const elsewhere = await checkIdentity(url)
  if (health.status === 500 || elsewhere.length > 0) return [...unhealthy, ...elsewhere]
  return [...unhealthy, ...(await checkPublishedKey(config))]
}

async function checkIdentity(url: string): Promise<readonly Finding[]> {
  const answer = await ask(`${url}/unknown-path`)
  const type = z.object({ type: z.string() }).safeParse(parseJson(answer?.body ?? '')).data?.type
  return type?.startsWith(`${url}/problems/`)
    ? []
    : [finding('service-elsewhere', `${url}: ${type ?? 'not a problem'}`)]
}

async function checkPublishedKey(config: Config): Promise<readonly Finding[]> {
  const { kty, crv, x, y } = config.STEP_UP_PRIVATE_JWK
  const kid = await calculateJwkThumbprint({ kty, crv, x, y })
  const answer = await ask(`${config.PUBLIC_URL}/.well-known/jwks.json`)
  const { keys = [] } = jwkSet.safeParse(parseJson(answer?.body ?? '')).data ?? {}
  return keys.some((jwk) => jwk['kid'] === kid) ? [] : [finding('signing-key-unpublished', `kid ${kid}`)]
}

/** Compares the clock of this machine with the `Date` headers of the service and the database. */
export async function checkClock(config: Config, now: () => number): Promise<readonly Finding[]> {
  const database = new URL(config.TURSO_DATABASE_URL.replace(/^libsql:/, 'https:'))
  const findings: Finding[] = []
  for (const url of [`${config.PUBLIC_URL}/health`, `${database.origin}/health`]) {
    const date = (await ask(url))?.date
    const differenceMs = date === undefined ? 0 : date - now()
    if (Math.abs(differenceMs) > MAX_CLOCK_DIFFERENCE_MS)
      findings.push(
        finding('clock-differs', `${new URL(url).host} is ${Math.round(differenceMs / 1000)} s ahead of this machine`),
      )
  }
  return findings
}

type Answer = { readonly status: number; readonly body: string; readonly date: number | undefined }

/** Sends one request without credentials. Returns undefined when there is no response. */
async function ask(
  url: string | URL,
  options: { method?: string; timeoutMs?: number } = {},
): Promise<Answer | undefined> {
  const { method = 'GET', timeoutMs = TIMEOUT_MS } = options
  try {
    const response = await fetch(url, { method, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    const date = Date.parse(response.headers.get('Date') ?? '')
    return { status: response.status, body: await response.text(), date: Number.isNaN(date) ? undefined : date }
  } catch {
    return undefined
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
