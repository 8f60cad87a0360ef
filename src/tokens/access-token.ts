import { type CompactVerifyGetKey, compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { utf8 } from '../core/bytes.ts'
import { Problem } from '../core/problems.ts'
import { isSubject, type Subject } from '../core/subject.ts'
import { decodeCompact } from './compact.ts'
import { type KeyFinder, remoteKeySet, type Verification } from './key-set.ts'

/** Seconds by which clocks may differ. */
const LEEWAY_SECONDS = 5
/** Header members that name keys or demand what we do not know: never followed, so never accepted. */
const REFUSED_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit']
const TYPES = /^(application\/)?(jwt|at\+jwt)$/i

/** Which access tokens are accepted. */
export type AccessTokenSettings = {
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly maxLifetimeSeconds: number
  readonly keys:
    | { readonly kind: 'remote'; readonly url: URL }
    | { readonly kind: 'inline'; readonly jwks: JSONWebKeySet }
    | { readonly kind: 'secret'; readonly secret: Uint8Array<ArrayBuffer> }
}

/** What a valid access token says. */
export type AccessToken = {
  readonly subject: Subject
  readonly scopes: ReadonlySet<string>
  /** When the user signed in, in seconds since the epoch; undefined when the token does not tell. */
  readonly authTime: number | undefined
  /** All claims, for the account name. */
  readonly claims: Readonly<Record<string, unknown>>
  /** SHA-256 of the token's text, which is its only spelling. */
  readonly tokenHash: Uint8Array<ArrayBuffer>
}

/** Verifies one token: throws the problem `invalid-token`, or `unavailable` when there are no keys to verify it with. */
export type AccessTokenVerifier = (token: string, verification: Verification) => Promise<AccessToken>

/**
 * A verifier that may live as long as the isolate. It checks all that a token says before its signature, so that a
 * token which is bad in any case never makes a request to the source of a key set.
 * @see RFC 8725, RFC 9068 §4
 */
export function createAccessTokenVerifier(settings: AccessTokenSettings): AccessTokenVerifier {
  const { issuer, algorithms } = settings
  const finderOf = keyFinder(settings)
  return async (token, verification) => {
    const decoded = decodeCompact(token)
    if (!decoded) throw invalidToken('not a compact JWS')
    const { header, claims } = decoded
    assertHeader(header, algorithms)
    assertAddressed(claims, settings)
    assertTimes(claims, { now: verification.now / 1000, maxLifetime: settings.maxLifetimeSeconds })
    const sub = subOf(claims)
    await assertSignature(token, { algorithms, findKey: finderOf(verification) })
    return {
      subject: { issuer, sub },
      scopes: new Set(typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : []),
      authTime: isFiniteNumber(claims['auth_time']) ? claims['auth_time'] : undefined,
      claims,
      tokenHash: new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token))),
    }
  }
}

function keyFinder({ keys, algorithms }: AccessTokenSettings): KeyFinder {
  switch (keys.kind) {
    case 'remote':
      return remoteKeySet({ url: keys.url, algorithms })
    case 'inline': {
      const find = createLocalJWKSet(keys.jwks)
      return () => find
    }
    case 'secret': {
      const find = hs256Key(keys.secret)
      return () => find
    }
  }
}

function hs256Key(secret: Uint8Array<ArrayBuffer>): CompactVerifyGetKey {
  let key: CryptoKey | undefined
  return async () => {
    key ??= await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    return key
  }
}

type Members = Readonly<Record<string, unknown>>

function assertHeader(header: Members, algorithms: readonly string[]): void {
  const refused = REFUSED_HEADERS.find((name) => Object.hasOwn(header, name))
  if (refused) throw invalidToken(`header ${refused}`)
  const { typ, alg, kid } = header
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.test(typ))) throw invalidToken('header typ')
  if (typeof alg !== 'string' || !algorithms.includes(alg)) throw invalidToken('header alg')
  if (kid !== undefined && typeof kid !== 'string') throw invalidToken('header kid')
}

/** @see RFC 8725 §3.8, §3.9 */
function assertAddressed({ iss, aud }: Members, expected: { issuer: string; audience: string }): void {
  if (iss !== expected.issuer) throw invalidToken('claim iss')
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(expected.audience)) throw invalidToken('claim aud')
}

/** @see RFC 7519 §4.1.4 to §4.1.6 */
function assertTimes({ exp, iat, nbf }: Members, limits: { now: number; maxLifetime: number }): void {
  const { now, maxLifetime } = limits
  if (!isFiniteNumber(exp)) throw invalidToken('claim exp')
  if (exp <= now - LEEWAY_SECONDS) throw invalidToken('claim exp in the past')
  if (exp > now + maxLifetime + LEEWAY_SECONDS) throw invalidToken('claim exp too far ahead')
  if (nbf !== undefined && !(isFiniteNumber(nbf) && nbf <= now + LEEWAY_SECONDS)) throw invalidToken('claim nbf')
  if (iat === undefined) return
  if (!isFiniteNumber(iat) || iat > now + LEEWAY_SECONDS) throw invalidToken('claim iat')
  if (exp > iat + maxLifetime + LEEWAY_SECONDS) throw invalidToken('claim exp too far after iat')
}

function subOf({ sub }: Members): string {
  if (typeof sub !== 'string' || !isSubject(sub)) throw invalidToken('claim sub')
  return sub
}

async function assertSignature(
  token: string,
  options: { algorithms: readonly string[]; findKey: CompactVerifyGetKey },
): Promise<void> {
  try {
    await verifyWithAnyKey(token, options)
  } catch (error) {
    if (error instanceof Problem) throw error
    // Anything else that verification reports, a key of the wrong kind for example, makes the token invalid.
    throw invalidToken(error instanceof errors.JOSEError ? error.code : 'unusable key', error)
  }
}

/** A token that names no key may fit several of a set, as in a rotation: then each of them is tried. */
async function verifyWithAnyKey(
  token: string,
  { algorithms, findKey }: { algorithms: readonly string[]; findKey: CompactVerifyGetKey },
): Promise<void> {
  const options = { algorithms: [...algorithms] }
  try {
    await compactVerify(token, findKey, options)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const verified = await compactVerify(token, key, options).catch(unlessWrongKey)
      if (verified) return
    }
    throw error
  }
}

function unlessWrongKey(error: unknown): undefined {
  // A TypeError is a key of the set that cannot be used; the right one may come after it.
  if (!(error instanceof errors.JWSSignatureVerificationFailed || error instanceof TypeError)) throw error
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function invalidToken(reason: string, cause?: unknown): Problem {
  return new Problem('invalid-token', { reason: `token: ${reason}`, cause })
}
