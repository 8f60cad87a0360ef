import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose'
import { StepUpError } from './errors.ts'

/** Milliseconds: the key set may be cached for 300 s, and Edge MFA answers within a fraction of the deadline. */
const CACHE_MAX_AGE_MS = 300_000
const TIMEOUT_MS = 2_000

/** Where public keys come from. */
export type KeySource = { readonly serviceUrl: URL } | { readonly jwks: JSONWebKeySet }

/**
 * Finds the key of a step-up token. It throws `unknown-key` for a key that is not published, and `keys-unavailable` when
 * the key set cannot be fetched, is malformed or holds no ES256 key. Throws a TypeError for an unusable inline key set.
 */
export function createKeyFinder(source: KeySource): JWTVerifyGetKey {
  if ('jwks' in source && !hasUsableKey(source.jwks)) throw new TypeError('jwks holds no ES256 key.')
  const keySet = 'jwks' in source ? createLocalJWKSet(source.jwks) : remoteKeySet(source.serviceUrl)
  return async (header, token) => {
    try {
      return await keySet(header, token)
    } catch (cause) {
      const isUnknown = cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys
      throw new StepUpError(isUnknown && hasUsableKey(keySet.jwks()) ? 'unknown-key' : 'keys-unavailable', { cause })
    }
  }
}

function remoteKeySet(serviceUrl: URL) {
  const url = new URL(`${serviceUrl.pathname.replace(/\/$/, '')}/.well-known/jwks.json`, serviceUrl)
  return createRemoteJWKSet(url, { cacheMaxAge: CACHE_MAX_AGE_MS, timeoutDuration: TIMEOUT_MS })
}

function hasUsableKey(keySet: { readonly keys: readonly JWK[] } | undefined): boolean {
  return keySet?.keys.some(({ kty, crv }) => kty === 'EC' && crv === 'P-256') ?? false
}
