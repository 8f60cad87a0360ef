import {
  constants,
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign as signBytes,
} from 'node:crypto'

/** Who issues the tokens of the services under siege, and for whom. */
export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'edge-mfa'

/** The algorithms that are taken, each under a key of its kind. */
export const ALGORITHMS = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** A key of an issuer: what is published of it, and what signs with it. */
export type IssuerKey = {
  readonly alg: Algorithm
  readonly kid: string
  /** The secret of HS256. */
  readonly secret: Buffer
  /** Of any other algorithm; that of HS256 is of no use. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: JsonWebKey
  readonly sign: (text: string) => Buffer
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const secret = randomBytes(32)

/** One key for each algorithm; RS256 and PS256 share theirs. */
export const KEYS: Readonly<Record<Algorithm, IssuerKey>> = {
  HS256: keyOf('HS256', { pair: ed, sign: (text) => hmac(text, secret) }),
  RS256: keyOf('RS256', { pair: rsa, sign: (text) => signBytes('sha256', Buffer.from(text), rsa.privateKey) }),
  PS256: keyOf('PS256', { pair: rsa, sign: (text) => signPss(text, 'sha256', 32) }),
  ES256: keyOf('ES256', { pair: ec, sign: (text) => signEc(text, ec.privateKey, 'ieee-p1363') }),
  EdDSA: keyOf('EdDSA', { pair: ed, sign: (text) => signBytes(null, Buffer.from(text), ed.privateKey) }),
}

function keyOf(
  alg: Algorithm,
  { pair, sign }: { pair: { publicKey: KeyObject; privateKey: KeyObject }; sign: (text: string) => Buffer },
): IssuerKey {
  const kid = { HS256: 'secret', RS256: 'rsa', PS256: 'rsa', ES256: 'ec', EdDSA: 'ed' }[alg]
  return { alg, kid, secret, ...pair, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid }, sign }
}

/** The HMAC of a text under any bytes. */
export function hmac(text: string, key: Uint8Array, hash = 'sha256'): Buffer {
  return createHmac(hash, key).update(text).digest()
}

/** A PSS signature under the RSA key with any hash and salt. */
export function signPss(text: string, hash: string, saltLength: number): Buffer {
  const key = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  return signBytes(hash, Buffer.from(text), key)
}

/** An ECDSA signature as two numbers side by side, or in DER. */
export function signEc(text: string, key: KeyObject, dsaEncoding: 'ieee-p1363' | 'der', hash = 'sha256'): Buffer {
  return signBytes(hash, Buffer.from(text), { key, dsaEncoding })
}

/** One part of a token: base64url of bytes, of a text, or of the JSON of anything else. */
export function part(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

/** The claims of a token that is accepted. */
export function goodClaims(): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000)
  return { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: now, exp: now + 600 }
}

/** The header of a token that is accepted under a key. */
export function goodHeader({ alg, kid }: IssuerKey): Readonly<Record<string, unknown>> {
  return { alg, kid, typ: 'at+jwt' }
}

/** A token whose parts say anything at all, rightly signed. */
export function forge(key: IssuerKey, header: unknown = goodHeader(key), claims: unknown = goodClaims()): string {
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${part(key.sign(signed))}`
}
