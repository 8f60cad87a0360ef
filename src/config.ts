import * as z from 'zod/mini'
import { type ConfigError, entryPath, issuerErrors, type RawSettings } from './config-issuer-errors.ts'
import { ISSUER_LISTS, issuerLists, singleIssuer, toIssuers } from './config-issuers.ts'
import {
  databaseUrl,
  displayName,
  es256KeySet,
  flag,
  isLoopback,
  masterKeys,
  origin,
  origins,
  positiveInteger,
  signingJwk,
  text,
  webhookSecrets,
  webUrl,
} from './config-values.ts'
import type { Issuer } from './core/issuer.ts'
import { fail, ok, type Result } from './core/result.ts'

/*
 * The settings of contract part E. The whole environment is checked at once, and all errors are reported together:
 * by name, without repeating a value.
 */

const settings = z.object({
  PUBLIC_URL: origin,
  TURSO_DATABASE_URL: databaseUrl,
  TURSO_AUTH_TOKEN: z.optional(text),
  ...singleIssuer,
  ...issuerLists,
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

export type { ConfigError } from './config-issuer-errors.ts'

type Settings = z.output<typeof settings>
/** Settings that are read through the issuers, which have them as defaults. */
type IssuerSetting =
  | keyof typeof singleIssuer
  | keyof typeof issuerLists
  | 'AUTH_MAX_LIFETIME_SECONDS'
  | 'MFA_ISSUER'
  | 'MFA_ACCOUNT_CLAIM'
  | 'ENROLL_MAX_AGE_SECONDS'
  | 'STEP_UP_AUDIENCE'
  | 'CORS_ORIGINS'

/** All settings, with defaults applied and values decoded. */
export type Config = Readonly<Omit<Settings, IssuerSetting>> & {
  /** The issuers of access tokens: one or more. */
  readonly issuers: readonly Issuer[]
  /** The CORS origins of all issuers. */
  readonly corsOrigins: readonly string[]
  readonly STEP_UP_ISSUER: string
}

/** Reads the environment of the Worker. Unknown members are ignored; an empty value counts as absent. */
export function loadConfig(env: Readonly<Record<string, unknown>>): Result<Config, readonly ConfigError[]> {
  const raw = pickSettings(env)
  const parsed = settings.safeParse(raw)
  const errors = [
    ...(parsed.error?.issues ?? []).map((issue) => toError(issue, raw)),
    ...issuerErrors(raw),
    ...exclusionErrors(raw),
  ]
  if (!parsed.success || errors.length > 0) return fail(errors)
  const { data } = parsed
  const issuers = toIssuers(data)
  return ok({
    ...data,
    issuers,
    corsOrigins: [...new Set(issuers.flatMap(({ corsOrigins }) => corsOrigins))],
    STEP_UP_ISSUER: data.STEP_UP_ISSUER ?? data.PUBLIC_URL,
  })
}

/** `PUBLIC_URL` when it is valid, even if other settings are not; otherwise undefined. */
export function publicUrlOf(env: Readonly<Record<string, unknown>>): string | undefined {
  return origin.safeParse(env['PUBLIC_URL']).data
}

/** Whether the service runs locally: its own origin is on loopback. */
export function isLocal(config: Pick<Config, 'PUBLIC_URL'>): boolean {
  return isLoopback(config.PUBLIC_URL)
}

/** Values as text: wrangler.toml may hold a number, a boolean or a table. */
function pickSettings(env: Readonly<Record<string, unknown>>): RawSettings {
  const entries = SETTING_NAMES.map((name): [string, string | undefined] => {
    const value = env[name]
    if (value === undefined || value === null || value === '') return [name, undefined]
    return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function toError(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  raw: RawSettings,
): ConfigError {
  const [first, ...inner] = issue.path
  const name = String(first ?? '')
  if (raw[name] === undefined) return { name, message: 'is missing' }
  if (inner.length === 0) return { name, message: issue.message }
  const isIssuer = ISSUER_LISTS.some((list) => list === name)
  return { name, message: isIssuer ? `${entryPath(inner)} ${issue.message}` : `is malformed at ${inner.join('.')}` }
}

/** Rules between settings that no single value shows. */
const EXCLUSIONS: readonly (ConfigError & { readonly holds: (raw: RawSettings) => boolean })[] = [
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
]

function exclusionErrors(raw: RawSettings): readonly ConfigError[] {
  return EXCLUSIONS.filter(({ holds }) => !holds(raw)).map(({ name, message }) => ({ name, message }))
}
