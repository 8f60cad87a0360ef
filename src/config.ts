import * as z from 'zod/mini'
import {
  databaseUrl,
  displayName,
  es256KeySet,
  flag,
  isLoopback,
  list,
  masterKeys,
  origin,
  origins,
  positiveInteger,
  publicKeySet,
  sharedSecret,
  signingJwk,
  splitList,
  text,
  toOrigin,
  webhookSecrets,
  webUrl,
} from './config-values.ts'
import { fail, ok, type Result } from './core/result.ts'

/*
 * The settings of contract part E. Everything in the environment is looked at once, and all faults are told at once:
 * by name, without ever repeating a value.
 */

const SECRET_ALGORITHMS = ['HS256'] as const
const KEY_SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

const settings = z.object({
  PUBLIC_URL: origin,
  TURSO_DATABASE_URL: databaseUrl,
  TURSO_AUTH_TOKEN: z.optional(text),
  AUTH_ISSUER: text,
  AUTH_AUDIENCE: text,
  AUTH_JWKS_URL: z.optional(webUrl),
  AUTH_JWKS: z.optional(publicKeySet),
  AUTH_HS256_SECRET: z.optional(sharedSecret),
  AUTH_ALGORITHMS: z.optional(list),
  AUTH_MAX_LIFETIME_SECONDS: z._default(positiveInteger, 86_400),
  MFA_KEYS: masterKeys,
  MFA_ISSUER: displayName,
  MFA_ACCOUNT_CLAIM: z.optional(text),
  ENROLL_MAX_AGE_SECONDS: z.optional(positiveInteger),
  STEP_UP_PRIVATE_JWK: signingJwk,
  STEP_UP_EXTRA_JWKS: z.optional(es256KeySet),
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

/** `PUBLIC_URL`, should it be valid while other settings are not. */
export function publicUrlOf(env: Readonly<Record<string, unknown>>): string | undefined {
  return origin.safeParse(env['PUBLIC_URL']).data
}

/** Whether the service runs on the machine of whoever uses it: its own origin is on loopback. */
export function isLocal(config: Pick<Config, 'PUBLIC_URL'>): boolean {
  return isLoopback(config.PUBLIC_URL)
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
  const [name, ...inner] = issue.path.map(String)
  if (name === undefined || raw[name] === undefined) return { name: name ?? '', message: 'is missing' }
  return { name, message: inner.length > 0 ? `is malformed at ${inner.join('.')}` : issue.message }
}

/** What no single setting shows: those that exclude, need or must differ from one another. */
const EXCLUSIONS: readonly (ConfigFault & { readonly holds: (raw: RawSettings) => boolean })[] = [
  {
    name: 'AUTH_JWKS_URL',
    message: 'exactly one of AUTH_JWKS_URL, AUTH_JWKS and AUTH_HS256_SECRET must be set',
    holds: (raw) => ['AUTH_JWKS_URL', 'AUTH_JWKS', 'AUTH_HS256_SECRET'].filter((name) => raw[name]).length === 1,
  },
  {
    name: 'AUTH_ALGORITHMS',
    message: `may name ${SECRET_ALGORITHMS} with a secret, and ${KEY_SET_ALGORITHMS.join(', ')} with a key set`,
    holds: (raw) => splitList(raw['AUTH_ALGORITHMS'] ?? '').every((each) => allowedAlgorithms(raw).includes(each)),
  },
  {
    name: 'TURSO_AUTH_TOKEN',
    message: 'is missing (only a database on loopback needs none)',
    holds: (raw) => raw['TURSO_AUTH_TOKEN'] !== undefined || isLoopback(raw['TURSO_DATABASE_URL']),
  },
  {
    name: 'WEBHOOK_SECRET',
    message: 'WEBHOOK_URL and WEBHOOK_SECRET must be set together',
    holds: (raw) => (raw['WEBHOOK_URL'] === undefined) === (raw['WEBHOOK_SECRET'] === undefined),
  },
  {
    name: 'STEP_UP_ISSUER',
    message: 'must differ from AUTH_ISSUER',
    holds: (raw) => differ(stepUpIssuer(raw), raw['AUTH_ISSUER']),
  },
  {
    name: 'STEP_UP_AUDIENCE',
    message: 'must differ from AUTH_AUDIENCE',
    holds: (raw) => differ(raw['STEP_UP_AUDIENCE'], raw['AUTH_AUDIENCE']),
  },
  {
    name: 'STEP_UP_AUDIENCE',
    message: 'must differ from STEP_UP_ISSUER',
    holds: (raw) => differ(raw['STEP_UP_AUDIENCE'], stepUpIssuer(raw)),
  },
]

function exclusionFaults(raw: RawSettings): readonly ConfigFault[] {
  return EXCLUSIONS.filter(({ holds }) => !holds(raw)).map(({ name, message }) => ({ name, message }))
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || one !== other
}

function stepUpIssuer(raw: RawSettings): string | undefined {
  return raw['STEP_UP_ISSUER'] ?? toOrigin(raw['PUBLIC_URL'] ?? '')
}

function allowedAlgorithms(raw: RawSettings): readonly string[] {
  return raw['AUTH_HS256_SECRET'] === undefined ? KEY_SET_ALGORITHMS : SECRET_ALGORITHMS
}
