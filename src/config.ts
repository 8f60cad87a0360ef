import { base64, base64urlnopad } from '@scure/base'
import * as z from 'zod/mini'
import type { MasterKey } from './core/keyring.ts'
import { fail, ok, type Result } from './core/result.ts'

/*
 * The settings of contract part E. Everything in the environment is looked at once, and all faults are told at once:
 * by name, without ever repeating a value.
 */

const SECRET_ALGORITHMS = ['HS256'] as const
const KEY_SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
const P256_COORDINATE = /^[A-Za-z0-9_-]{43}$/
const LONGEST_ISSUER = 64

const text = z.string().check(z.minLength(1))
const origin = z.pipe(
  z
    .string()
    .check(
      z.refine(
        (value) => isSafeUrl(value) && isOrigin(value),
        'must be an origin such as https://mfa.example.com, with TLS except on loopback',
      ),
    ),
  z.transform((value) => new URL(value).origin),
)
const webUrl = z.pipe(
  z.string().check(z.refine(isSafeUrl, 'must be an https URL (http only on loopback)')),
  z.transform((value) => new URL(value)),
)
const databaseUrl = z
  .string()
  .check(
    z.refine(
      (value) => value.startsWith('libsql://') || isSafeUrl(value),
      'must be a libsql or https URL (http only on loopback)',
    ),
  )
const positiveInteger = z.pipe(
  z.string().check(z.regex(/^[1-9][0-9]{0,9}$/, 'must be a whole number above 0')),
  z.transform(Number),
)
const flag = z.pipe(
  z.string().check(z.regex(/^(true|false|1|0|on|off)$/, 'must be true or false')),
  z.transform((value) => ['true', '1', 'on'].includes(value)),
)
const hs256Secret = z.pipe(
  z
    .string()
    .check(z.refine((value) => (decodeBase64Url(value)?.length ?? 0) >= 32, 'must be 32 bytes or more in base64url')),
  z.transform((value) => decodeBase64Url(value) ?? new Uint8Array()),
)
const publicJwk = z
  .union(
    [
      z.looseObject({ kty: z.literal('RSA'), n: text, e: text }),
      z.looseObject({
        kty: z.literal('EC'),
        crv: z.literal('P-256'),
        x: z.string().check(z.regex(P256_COORDINATE)),
        y: z.string().check(z.regex(P256_COORDINATE)),
      }),
      z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: text }),
    ],
    'must hold RSA, P-256 or Ed25519 public keys',
  )
  .check(z.refine((jwk) => !('d' in jwk), 'must hold public keys only'))
const publicKeySet = json(z.object({ keys: z.array(publicJwk).check(z.minLength(1, 'must hold a key')) }))
const signingJwk = json(
  z.object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string().check(z.regex(P256_COORDINATE)),
    y: z.string().check(z.regex(P256_COORDINATE)),
    d: z.string().check(z.regex(P256_COORDINATE)),
  }),
)
const masterKeys = z.pipe(
  z
    .string()
    .check(
      z.refine(
        (value) => parseMasterKeys(value) !== undefined,
        'must be a list of keyId:base64url(32 bytes) with distinct ids',
      ),
    ),
  z.transform((value) => parseMasterKeys(value) as [MasterKey, ...MasterKey[]]),
)
const origins = z.pipe(
  list().check(
    z.refine(
      (values) => values.every((value) => isSafeUrl(value) && isOrigin(value)),
      'must be a list of origins, with TLS except on loopback',
    ),
  ),
  z.transform((values) => values.map((value) => new URL(value).origin)),
)
const webhookSecrets = list().check(
  z.refine(
    (values) => values.length <= 2 && values.every(isWebhookSecret),
    'must be one or two whsec_ secrets of 24 to 64 bytes',
  ),
)

const settings = z.object({
  PUBLIC_URL: origin,
  TURSO_DATABASE_URL: databaseUrl,
  TURSO_AUTH_TOKEN: z.optional(text),
  AUTH_ISSUER: text,
  AUTH_AUDIENCE: text,
  AUTH_JWKS_URL: z.optional(webUrl),
  AUTH_JWKS: z.optional(publicKeySet),
  AUTH_HS256_SECRET: z.optional(hs256Secret),
  AUTH_ALGORITHMS: z.optional(list()),
  AUTH_MAX_LIFETIME_SECONDS: z._default(positiveInteger, 86_400),
  MFA_KEYS: masterKeys,
  MFA_ISSUER: z
    .string()
    .check(
      z.refine(
        (value) => value.length <= LONGEST_ISSUER && !/[:\p{Cc}]/u.test(value),
        'must be 1 to 64 characters without a colon',
      ),
    ),
  MFA_ACCOUNT_CLAIM: z.optional(text),
  ENROLL_MAX_AGE_SECONDS: z.optional(positiveInteger),
  STEP_UP_PRIVATE_JWK: signingJwk,
  STEP_UP_EXTRA_JWKS: z.optional(publicKeySet),
  STEP_UP_ISSUER: z.optional(text),
  STEP_UP_AUDIENCE: text,
  CORS_ORIGINS: z._default(origins, []),
  WEBHOOK_URL: z.optional(webUrl),
  WEBHOOK_SECRET: z.optional(webhookSecrets),
  EVENT_RETENTION_DAYS: z._default(positiveInteger, 400),
  PAGE_ENABLED: z._default(flag, false),
})

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(settings.shape) as readonly (keyof typeof settings.shape)[]

/** A setting that is missing or malformed. */
export type ConfigFault = { readonly name: string; readonly message: string }

/** All settings, with defaults applied and values decoded. */
export type Config = Readonly<z.output<typeof settings>> & {
  readonly AUTH_ALGORITHMS: readonly string[]
  readonly STEP_UP_ISSUER: string
}

/** Reads the environment of the Worker. Members it does not know are ignored; an empty value counts as absent. */
export function loadConfig(env: Readonly<Record<string, unknown>>): Result<Config, readonly ConfigFault[]> {
  const raw = pickSettings(env)
  const parsed = settings.safeParse(raw)
  const faults = [...(parsed.error?.issues ?? []).map((issue) => toFault(issue, raw)), ...exclusionFaults(raw)]
  if (!parsed.success || faults.length > 0) return fail(faults)
  const { data } = parsed
  return ok({
    ...data,
    AUTH_ALGORITHMS: data.AUTH_ALGORITHMS ?? [...allowedAlgorithms(raw)],
    STEP_UP_ISSUER: data.STEP_UP_ISSUER ?? data.PUBLIC_URL,
  })
}

type RawSettings = Readonly<Record<string, string | undefined>>

/** Values as text, however wrangler.toml spelled them: a number, a flag or a table is as good as its text. */
function pickSettings(env: Readonly<Record<string, unknown>>): RawSettings {
  const entries = SETTING_NAMES.map((name): [string, string | undefined] => {
    const value = env[name]
    if (value === undefined || value === null || value === '') return [name, undefined]
    return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function toFault(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  raw: RawSettings,
): ConfigFault {
  const name = String(issue.path[0])
  return { name, message: raw[name] === undefined ? 'is missing' : issue.message }
}

/** What no single setting shows: those that exclude, need or equal one another. */
function exclusionFaults(raw: RawSettings): readonly ConfigFault[] {
  const faults: ConfigFault[] = []
  const check = (holds: boolean, name: string, message: string) => {
    if (!holds) faults.push({ name, message })
  }
  const keys = [raw['AUTH_JWKS_URL'], raw['AUTH_JWKS'], raw['AUTH_HS256_SECRET']].filter((value) => value !== undefined)
  check(keys.length === 1, 'AUTH_JWKS_URL', 'exactly one of AUTH_JWKS_URL, AUTH_JWKS and AUTH_HS256_SECRET must be set')
  const algorithms = raw['AUTH_ALGORITHMS'] === undefined ? [] : splitList(raw['AUTH_ALGORITHMS'])
  const allowed: readonly string[] = allowedAlgorithms(raw)
  check(
    algorithms.every((each) => allowed.includes(each)),
    'AUTH_ALGORITHMS',
    `may name ${allowed.join(', ')} for this kind of key`,
  )
  check(
    raw['TURSO_AUTH_TOKEN'] !== undefined || isLoopback(raw['TURSO_DATABASE_URL']),
    'TURSO_AUTH_TOKEN',
    'is missing (only a database on loopback needs none)',
  )
  check(
    (raw['WEBHOOK_URL'] === undefined) === (raw['WEBHOOK_SECRET'] === undefined),
    'WEBHOOK_SECRET',
    'WEBHOOK_URL and WEBHOOK_SECRET must be set together',
  )
  const stepUpIssuer = raw['STEP_UP_ISSUER'] ?? raw['PUBLIC_URL']
  const stepUpAudience = raw['STEP_UP_AUDIENCE']
  check(
    stepUpIssuer === undefined || stepUpIssuer !== raw['AUTH_ISSUER'],
    'STEP_UP_ISSUER',
    'must differ from AUTH_ISSUER',
  )
  check(
    stepUpAudience === undefined || stepUpAudience !== raw['AUTH_AUDIENCE'],
    'STEP_UP_AUDIENCE',
    'must differ from AUTH_AUDIENCE',
  )
  check(
    stepUpAudience === undefined || stepUpAudience !== stepUpIssuer,
    'STEP_UP_AUDIENCE',
    'must differ from STEP_UP_ISSUER',
  )
  return faults
}

function allowedAlgorithms(raw: RawSettings): readonly string[] {
  return raw['AUTH_HS256_SECRET'] === undefined ? KEY_SET_ALGORITHMS : SECRET_ALGORITHMS
}

function isSafeUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(value)))
}

function isLoopback(value: string | undefined): boolean {
  const host = value === undefined ? undefined : URL.parse(value)?.hostname
  return host !== undefined && (host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host))
}

function isOrigin(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && `${url.origin}/` === url.href
}

function decodeBase64Url(value: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(base64urlnopad.decode(value))
  } catch {
    return undefined
  }
}

function parseMasterKeys(value: string): [MasterKey, ...MasterKey[]] | undefined {
  const keys = splitList(value).map((entry) => {
    const [id = '', encoded = '', ...rest] = entry.split(':')
    const bytes = decodeBase64Url(encoded)
    return /^[A-Za-z0-9_-]{1,32}$/.test(id) && bytes?.length === 32 && rest.length === 0 ? { id, bytes } : undefined
  })
  const valid = keys.filter((key) => key !== undefined)
  const [first, ...others] = valid
  const distinct = new Set(valid.map(({ id }) => id)).size === keys.length
  return first && distinct && valid.length === keys.length ? [first, ...others] : undefined
}

function isWebhookSecret(value: string): boolean {
  if (!value.startsWith('whsec_')) return false
  try {
    const { length } = base64.decode(value.slice('whsec_'.length))
    return length >= 24 && length <= 64
  } catch {
    return false
  }
}

function list() {
  return z.pipe(z.string(), z.transform(splitList))
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function json<Schema extends z.ZodMiniType>(schema: Schema) {
  const parse = z.transform((value: string, context) => {
    try {
      return JSON.parse(value) as unknown
    } catch {
      context.issues.push({ code: 'custom', message: 'must be JSON', input: undefined })
      return z.NEVER
    }
  })
  return z.pipe(z.pipe(z.string(), parse), schema)
}
