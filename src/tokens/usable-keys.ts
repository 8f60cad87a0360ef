import { createLocalJWKSet, type JSONWebKeySet, type JWK } from 'jose'

/** Bits of the shortest RSA key (RFC 7518 §3.3). */
const SHORTEST_RSA_BITS = 2048

/**
 * The keys of a JWK Set that can check a signature under one of the algorithms. Keys that cannot are left out; a text
 * without a usable key throws, so that it never replaces good keys.
 * @see RFC 7517 §5
 */
export async function usableKeys(text: string, algorithms: readonly string[]): Promise<JSONWebKeySet> {
  const { keys } = JSON.parse(text) as Partial<JSONWebKeySet>
  if (!Array.isArray(keys)) throw new Error('the answer is not a key set')
  const usable: JWK[] = []
  for (const jwk of keys) if (await isUsable(jwk, algorithms)) usable.push(jwk)
  if (usable.length === 0) throw new Error('the key set has no usable key')
  return { keys: usable }
}

async function isUsable(jwk: JWK, algorithms: readonly string[]): Promise<boolean> {
  for (const alg of algorithms) if (isLongEnough(await importFor(jwk, alg))) return true
  return false
}

/** The key as jose would choose it for a token; undefined when it is malformed, private, or for something else. */
async function importFor(jwk: JWK, alg: string): Promise<CryptoKey | undefined> {
  try {
    const key = await createLocalJWKSet({ keys: [jwk] })({ alg })
    return key instanceof CryptoKey ? key : undefined
  } catch {
    return undefined
  }
}

function isLongEnough(key: CryptoKey | undefined): boolean {
  if (key === undefined) return false
  return !('modulusLength' in key.algorithm) || Number(key.algorithm.modulusLength) >= SHORTEST_RSA_BITS
}
