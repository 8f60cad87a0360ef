import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { utf8 } from '../core/bytes.ts'
import { Problem } from '../core/problems.ts'
import { isSubject, type Subject } from '../core/subject.ts'
import { type DecodedToken, decodeCompact } from './compact.ts'
import { remoteKeySet } from './key-set.ts'

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

/** Verifies one token: throws the problem `invalid-token`, or `unavailable` when the keys cannot be had. */
export type AccessTokenVerifier = (token: string, now: number) => Promise<AccessToken>

/** A verifier that may live as long as the isolate. @see RFC 8725, RFC 9068 §4 */
export function createAccessTokenVerifier(settings: AccessTokenSettings): AccessTokenVerifier {
  const findKey = keyFinder(settings.keys)
  return async (token, now) => {
    const decoded = decodeCompact(token)
    if (!decoded) throw invalidToken('not a compact JWS')
    assertHeader(decoded)
    await assertSignature(token, { settings, findKey, now })
    assertTimes(decoded, { now: now / 1000, maxLifetime: settings.maxLifetimeSeconds })
    return toAccessToken(decoded, { issuer: settings.issuer, token })
  }
}

function keyFinder(keys: AccessTokenSettings['keys']): JWTVerifyGetKey {
  switch (keys.kind) {
    case 'remote':
      return remoteKeySet(keys.url)
    case 'inline':
      return createLocalJWKSet(keys.jwks)
    case 'secret':
      return hs256Key(keys.secret)
  }
}

function hs256Key(secret: Uint8Array<ArrayBuffer>): JWTVerifyGetKey {
  let key: CryptoKey | undefined
  return async () => {
    key ??= await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    return key
  }
}

function assertHeader({ header }: DecodedToken): void {
  const refused = REFUSED_HEADERS.find((name) => Object.hasOwn(header, name))
  if (refused) throw invalidToken(`header ${refused}`)
  const { typ } = header
  if (typ !== undefined && !(typeof typ === 'string' && TYPES.test(typ))) throw invalidToken('header typ')
}

async function assertSignature(
  token: string,
  options: { settings: AccessTokenSettings; findKey: JWTVerifyGetKey; now: number },
): Promise<void> {
  const { issuer, audience, algorithms } = options.settings
  const checks = {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance: LEEWAY_SECONDS,
    requiredClaims: ['exp', 'sub'],
  }
  try {
    await verifyWithAnyKey(token, {
      findKey: options.findKey,
      checks: { ...checks, currentDate: new Date(options.now) },
    })
  } catch (error) {
    if (error instanceof Problem) throw error
    // Whatever else verification trips over (a key of the wrong kind, a claim of the wrong type) is the token's fault.
    throw invalidToken(error instanceof errors.JOSEError ? error.code : 'unusable key or claim', error)
  }
}

/** A token that names no key may fit several of a set, as in a rotation: then each of them is tried. */
async function verifyWithAnyKey(
  token: string,
  { findKey, checks }: { findKey: JWTVerifyGetKey; checks: JWTVerifyOptions },
): Promise<void> {
  try {
    await jwtVerify(token, findKey, checks)
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const verified = await jwtVerify(token, key, checks).catch(unlessWrongKey)
      if (verified) return
    }
    throw error
  }
}

function unlessWrongKey(error: unknown): undefined {
  // A TypeError is a key of the set that cannot be used; the right one may come after it.
  if (!(error instanceof errors.JWSSignatureVerificationFailed || error instanceof TypeError)) throw error
}

function assertTimes({ claims }: DecodedToken, limits: { now: number; maxLifetime: number }): void {
  const { exp, iat, nbf } = claims
  if (!isFiniteNumber(exp)) throw invalidToken('claim exp')
  if (exp > limits.now + limits.maxLifetime + LEEWAY_SECONDS) throw invalidToken('claim exp too far ahead')
  if (nbf !== undefined && !isFiniteNumber(nbf)) throw invalidToken('claim nbf')
  if (iat === undefined) return
  if (!isFiniteNumber(iat) || iat > limits.now + LEEWAY_SECONDS) throw invalidToken('claim iat')
  if (exp > iat + limits.maxLifetime + LEEWAY_SECONDS) throw invalidToken('claim exp too far after iat')
}

async function toAccessToken(decoded: DecodedToken, options: { issuer: string; token: string }): Promise<AccessToken> {
  const { sub, scope, auth_time: authTime } = decoded.claims
  if (typeof sub !== 'string' || !isSubject(sub)) throw invalidToken('claim sub')
  return {
    subject: { issuer: options.issuer, sub },
    scopes: new Set(typeof scope === 'string' ? scope.split(' ') : []),
    authTime: isFiniteNumber(authTime) ? authTime : undefined,
    claims: decoded.claims,
    tokenHash: new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(options.token))),
  }
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function invalidToken(reason: string, cause?: unknown): Problem {
  return new Problem('invalid-token', { reason: `token: ${reason}`, cause })
}
