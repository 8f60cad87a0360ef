import { calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import * as z from 'zod/mini'
import type { Config } from '../../src/config.ts'
import type { Issuer } from '../../src/core/issuer.ts'
import { type Finding, finding } from './findings.ts'

const KEY_SET_TIMEOUT_MS = 1_500
const TIMEOUT_MS = 5_000
/** A step of TOTP. */
const MOST_APART_MS = 30_000

const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/** The key set of each issuer, whether it is fetched from a URL or part of the settings. */
export async function checkKeySets(config: Config): Promise<readonly Finding[]> {
  const findings = await Promise.all(config.issuers.map((issuer) => checkKeySet(issuer, config)))
  return findings.flat()
}

async function checkKeySet(issuer: Issuer, { PUBLIC_URL }: Config): Promise<readonly Finding[]> {
  const { iss, keys, algorithms } = issuer
  if (keys.kind === 'secret') return []
  if (keys.kind === 'inline') return judgeKeySet(keys.jwks, { algorithms, found: `the key set of ${iss}` })
  const { href } = keys.url
  if (href === `${PUBLIC_URL}/.well-known/jwks.json`) return [finding('key-set-own', href)]
  const answer = await ask(href, { timeoutMs: KEY_SET_TIMEOUT_MS })
  if (answer?.status !== 200) return [finding('key-set-unreachable', `${href}: ${answer?.status ?? 'no answer'}`)]
  return judgeKeySet(parseJson(answer.body), { algorithms, found: href })
}

async function judgeKeySet(
  value: unknown,
  options: { algorithms: readonly string[]; found: string },
): Promise<readonly Finding[]> {
  const { algorithms, found } = options
  const set = jwkSet.safeParse(value).data
  if (!set) return [finding('key-set-unusable', `${found}: no key set`)]
  if (set.keys.some((jwk) => 'd' in jwk)) return [finding('key-set-private', found)]
  const usable = await Promise.all(set.keys.map((jwk) => isUsable(jwk, algorithms)))
  const none = !usable.some(Boolean)
  return none ? [finding('key-set-unusable', `${found}: ${set.keys.length} keys, none for ${algorithms}`)] : []
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

/** Tokens under a shorter RSA key are refused (RFC 7518 §3.3). */
function isLongEnough(key: CryptoKey | Uint8Array): boolean {
  return !('algorithm' in key) || !('modulusLength' in key.algorithm) || Number(key.algorithm.modulusLength) >= 2048
}

/** The receiver of webhooks, asked for nothing: what takes only POST may answer 404 or 405. */
export async function checkReceiver({ WEBHOOK_URL: url }: Config): Promise<readonly Finding[]> {
  if (url === undefined) return []
  const answer = await ask(url, { method: 'HEAD' })
  // Its path may be a secret of the receiver's.
  if (!answer) return [finding('receiver-unreachable', url.host)]
  const { status } = answer
  const refuses = (status >= 300 && status < 400) || status === 410 || status >= 500
  return refuses ? [finding('receiver-refuses', `${url.host}: ${status}`)] : []
}

/** What runs at PUBLIC_URL, should anything run there. */
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
  const answer = await ask(`${url}/there-is-no-such-path`)
  const type = z.object({ type: z.string() }).safeParse(parseJson(answer?.body ?? '')).data?.type
  return type?.startsWith(`${url}/problems/`) ? [] : [finding('service-elsewhere', `${url}: ${type ?? 'no problem'}`)]
}

async function checkPublishedKey(config: Config): Promise<readonly Finding[]> {
  const { kty, crv, x, y } = config.STEP_UP_PRIVATE_JWK
  const kid = await calculateJwkThumbprint({ kty, crv, x, y })
  const answer = await ask(`${config.PUBLIC_URL}/.well-known/jwks.json`)
  const { keys = [] } = jwkSet.safeParse(parseJson(answer?.body ?? '')).data ?? {}
  return keys.some((jwk) => jwk['kid'] === kid) ? [] : [finding('signing-key-unpublished', `kid ${kid}`)]
}

/** This machine's clock against those of the service and the database, as far as they tell the time. */
export async function checkClock(config: Config, now: () => number): Promise<readonly Finding[]> {
  const database = new URL(config.TURSO_DATABASE_URL.replace(/^libsql:/, 'https:'))
  const findings: Finding[] = []
  for (const url of [`${config.PUBLIC_URL}/health`, `${database.origin}/health`]) {
    const date = (await ask(url))?.date
    const apartMs = date === undefined ? 0 : date - now()
    if (Math.abs(apartMs) > MOST_APART_MS)
      findings.push(
        finding('clock-differs', `${new URL(url).host} is ${Math.round(apartMs / 1000)} s ahead of this machine`),
      )
  }
  return findings
}

type Answer = { readonly status: number; readonly body: string; readonly date: number | undefined }

/** One request without credentials; undefined where nobody answers. */
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
