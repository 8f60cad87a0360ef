import { type CompactVerifyGetKey, compactVerify, createLocalJWKSet, errors } from 'jose'
import { utf8 } from '../core/bytes.ts'
import type { Issuer } from '../core/issuer.ts'
import { Problem } from '../core/problems.ts'
import { isSubject, type Subject } from '../core/subject.ts'
import { decodeCompact } from './compact.ts'
import { type KeyFinder, remoteKeySet, type Verification } from './key-set.ts'

/** Seconds by which clocks may differ. */
const LEEWAY_SECONDS = 5
/** Header members that name keys, or extensions that a verifier must understand: a token with one of them is refused. */
const REFUSED_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit']
/** The scopes of this service begin like this. */
const OWN_SCOPES = 'mfa:'
const TYPES = /^(application\/)?(jwt|at\+jwt)$/i

/** What a valid access token says. */
export type AccessToken = {
  /** The issuer of the token. */
  readonly issuer: Issuer
  readonly subject: Subject
  /** The scopes that count: those named `mfa:*` are left out unless the issuer is privileged. */
  readonly scopes: ReadonlySet<string>
  /** When the user signed in, in seconds since the epoch; undefined when the token does not say. */
  readonly authTime: number | undefined
  /** All claims, for the account name. */
  readonly claims: Readonly<Record<string, unknown>>
  /** SHA-256 of the token's text, which is its canonical encoding. */
  readonly tokenHash: Uint8Array<ArrayBuffer>
}

/** Verifies one token: throws the problem `invalid-token`, or `unavailable` when there are no keys to verify it with. */
export type AccessTokenVerifier = (token: string, verification: Verification) => Promise<AccessToken>

/**
 * A verifier that may live as long as the isolate. The issuer is found by the exact `iss` of the token, and the token is
 * verified by that issuer's settings and keys alone. All claims are checked before the signature, so that an invalid
 * token never causes a request to the source of a key set.
 * @see RFC 8725 §3.8, RFC 9068 §4
 */
export function createAccessTokenVerifier(...issuers: readonly Issuer[]): AccessTokenVerifier {
  const byIss = new Map<unknown, KnownIssuer>()
  for (const issuer of issuers) byIss.set(issuer.iss, { issuer, finderOf: keyFinder(issuer) })
  return async (token, verification) => {
    const decoded = decodeCompact(token)
    if (!decoded) throw invalidToken('not a compact JWS')
    const { header, claims } = decoded
    const known = byIss.get(claims['iss'])
    if (!known) throw invalidToken('claim iss')
    const { issuer, finderOf } = known
    assertHeader(header, issuer.algorithms)
    assertAudience(claims, issuer.audience)
    assertTimes(claims, { now: verification.now / 1000, maxLifetime: issuer.maxLifetimeSeconds })
    const sub = subOf(claims)
    await assertSignature(token, { algorithms: issuer.algorithms, findKey: finderOf(verification) })
    return {
      issuer,
      subject: { issuer: issuer.subjectIssuer, sub },
      scopes: scopesOf(claims, issuer),
      authTime: isFiniteNumber(claims['auth_time']) ? claims['auth_time'] : undefined,
      claims,
      tokenHash: new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token))),
    }
  }
}

/** An issuer with its own key set: its cache, its cooldown and its failures affect no other issuer. */
type KnownIssuer = { readonly issuer: Issuer; readonly finderOf: KeyFinder }

function keyFinder({ keys, algorithms }: Issuer): KeyFinder {
  switch (keys.kind) {
    case 'remote':
      return remoteKeySet({ url: keys.url, algorithms })
    case 'inline': {
      const find = createLocalJWKSet({ keys: [...keys.jwks.keys] })
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

/** @see RFC 8725 §3.9 */
function assertAudience({ aud }: Members, expected: string): void {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audiences.includes(expected)) throw invalidToken('claim aud')
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

/** @see RFC 8693 §4.2 */
function scopesOf({ scope }: Members, { privileged }: Issuer): ReadonlySet<string> {
  const scopes = typeof scope === 'string' ? scope.split(' ') : []
  return new Set(privileged ? scopes : scopes.filter((each) => !each.startsWith(OWN_SCOPES)))
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
