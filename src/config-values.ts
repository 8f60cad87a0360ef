import { base64, base64urlnopad } from '@scure/base'
import * as z from 'zod/mini'
import type { MasterKey } from './core/keyring.ts'

/*
 * The kinds of value that settings have. Each is decoded from text by one function, which returns undefined for a value
 * that it rejects. The message says what is accepted and never repeats the value.
 */

const LONGEST_NAME = 64
/** 32 random bytes have about 30 distinct values, rarely fewer than 27; 64 random hexadecimal digits have at least this many. */
const FEWEST_DIFFERENT_BYTES = 12
const P256_COORDINATE = /^[A-Za-z0-9_-]{43}$/

/** Text that is not empty. */
export const text = z.string().check(z.minLength(1))

/** The issuer's name in authenticator apps. */
export const displayName = decoded(
  (value) => (value.length <= LONGEST_NAME && !/[:\p{Cc}]/u.test(value) ? value : undefined),
  `must be 1 to ${LONGEST_NAME} characters without a colon`,
)

/** An origin, with TLS except on loopback. */
export const origin = decoded(
  toOrigin,
  'must be an origin such as https://mfa.example.com, with TLS except on loopback',
)

/** A comma-separated list of origins. */
export const origins = decoded(
  (value) => every(splitList(value), toOrigin),
  'must be a list of origins, with TLS except on loopback',
)

/** A URL, with TLS except on loopback. */
export const webUrl = decoded(toSafeUrl, 'must be an https URL (http only on loopback)')

/** The URL of a libSQL database. */
export const databaseUrl = decoded(
  (value) => (isDatabaseUrl(value) ? value : undefined),
  'must be a libsql or https URL, with TLS except on loopback',
)

/** A whole number above 0. */
export const positiveInteger = decoded(
  (value) => (/^[1-9][0-9]{0,9}$/.test(value) ? Number(value) : undefined),
  'must be a whole number above 0',
)

/** A flag: true, 1 or on; false, 0 or off. */
export const flag = decoded((value) => FLAGS.get(value), 'must be true or false')

/** A comma-separated list of words. */
export const list = decoded((value) => {
  const entries = splitList(value)
  return entries.length > 0 ? entries : undefined
}, 'must be a list of one word or more')

/** A shared secret of 32 bytes or more (RFC 7518 §3.2). A secret of few distinct bytes is rejected as a placeholder. */
export const sharedSecret = decoded((value) => {
  const bytes = decodeBase64Url(value)
  return bytes && bytes.length >= 32 && new Set(bytes).size >= FEWEST_DIFFERENT_BYTES ? bytes : undefined
}, `must be 32 bytes or more in base64url, ${FEWEST_DIFFERENT_BYTES} of them different`)

/** The master keyring: `keyId:base64url(32 bytes)`, comma separated. */
export const masterKeys = decoded(toMasterKeys, 'must be a list of keyId:base64url(32 bytes) with distinct ids')

/** One or two secrets of Standard Webhooks. */
export const webhookSecrets = decoded((value) => {
  const secrets = splitList(value)
  return secrets.length === 1 || secrets.length === 2 ? every(secrets, toWebhookSecret) : undefined
}, 'must be one or two whsec_ secrets of 24 to 64 bytes')

const coordinate = z.string().check(z.regex(P256_COORDINATE))
const p256Jwk = z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate })
const publicJwk = z
  .union(
    [
      z.looseObject({ kty: z.literal('RSA'), n: text, e: text }),
      p256Jwk,
      z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: text }),
    ],
    'must hold RSA, P-256 or Ed25519 public keys',
  )
  .check(isPublic())

/** A JWK Set of public keys. */
export const publicJwkSet = z.object(
  { keys: z.array(publicJwk, 'must be an array of keys').check(z.minLength(1, 'must hold a key')) },
  'must be a JWK Set',
)

/** A JWK Set of public keys, as JSON. */
export const publicKeySet = json(publicJwkSet)

/** A JWK Set of public keys for ES256, the algorithm of step-up tokens, as JSON. */
export const es256KeySet = json(
  z.object({ keys: z.array(p256Jwk.check(isPublic())).check(z.minLength(1, 'must hold a key')) }),
)

/** An ES256 private key as a JWK, as JSON. */
export const signingJwk = json(
  z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate, d: coordinate }),
)

/** The items of a comma-separated list. */
export function splitList(value: string): readonly string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** Whether a URL names this machine. */
export function isLoopback(value: string | undefined): boolean {
  const host = value === undefined ? undefined : URL.parse(value)?.hostname
  return host !== undefined && (host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host))
}

function decoded<Value>(decode: (value: string) => Value | undefined, message: string) {
  const read = z.transform((value: string, context): Value => {
    const result = decode(value)
    if (result !== undefined) return result
    context.issues.push({ code: 'custom', message, input: undefined })
    return z.NEVER
  })
  return z.pipe(z.string(message), read)
}

function isPublic() {
  return z.refine<object>((jwk) => !('d' in jwk), 'must hold public keys only')
}

function json<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.pipe(decoded(parseJson, 'must be JSON'), schema)
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

/** All entries decoded; undefined when one of them is rejected. */
function every<Value>(entries: readonly string[], decode: (entry: string) => Value | undefined): Value[] | undefined {
  const values = entries.map(decode).filter((value) => value !== undefined)
  return values.length === entries.length ? values : undefined
}

const FLAGS = new Map([
  ['true', true],
  ['1', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['off', false],
])

function toSafeUrl(value: string): URL | undefined {
  const url = URL.parse(value)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(value))
  return url !== null && isSafe ? url : undefined
}

/** A URL with credentials, a query or a fragment is rejected: the client would read a token or a switch from the query. */
function isDatabaseUrl(value: string): boolean {
  const url = URL.parse(value)
  if (url === null || url.host === '' || url.username !== '' || url.password !== '') return false
  if (url.search !== '' || url.hash !== '') return false
  return url.protocol === 'libsql:' || toSafeUrl(value) !== undefined
}

/** An origin in its canonical form; undefined for anything else. */
export function toOrigin(value: string): string | undefined {
  const url = toSafeUrl(value)
  return url && `${url.origin}/` === url.href ? url.origin : undefined
}

function toMasterKeys(value: string): [MasterKey, ...MasterKey[]] | undefined {
  const [first, ...others] = every(splitList(value), toMasterKey) ?? []
  if (!first) return undefined
  const ids = [first, ...others].map(({ id }) => id)
  return new Set(ids).size === ids.length ? [first, ...others] : undefined
}

function toMasterKey(entry: string): MasterKey | undefined {
  const [, id, encoded] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9_-]+)$/.exec(entry) ?? []
  const bytes = encoded === undefined ? undefined : decodeBase64Url(encoded)
  return id !== undefined && bytes?.length === 32 ? { id, bytes } : undefined
}

function toWebhookSecret(value: string): string | undefined {
  const bytes = value.startsWith('whsec_') ? decodeWith(base64, value.slice('whsec_'.length)) : undefined
  return bytes && bytes.length >= 24 && bytes.length <= 64 ? value : undefined
}

function decodeBase64Url(value: string): Uint8Array<ArrayBuffer> | undefined {
  return decodeWith(base64urlnopad, value)
}

function decodeWith(
  coder: { decode: (text: string) => Uint8Array },
  value: string,
): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(coder.decode(value))
  } catch {
    return undefined
  }
}
