import * as z from 'zod/mini'
import {
  displayName,
  flag,
  list,
  origin,
  positiveInteger,
  publicJwkSet,
  publicKeySet,
  sharedSecret,
  splitList,
  text,
  webUrl,
} from './config-values.ts'
import type { Issuer, IssuerKeys } from './core/issuer.ts'

/*
 * The issuers of access tokens. `AUTH_ISSUERS` lists several; `AUTH_ISSUER` and the settings beside it describe one.
 * Both give the same list of issuers.
 */

/** `alg` values that a shared secret allows. */
export const SECRET_ALGORITHMS: readonly string[] = ['HS256']
/** `alg` values that a key set allows. */
export const KEY_SET_ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA']

const requiredText = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a string') })
  .check(z.minLength(1, 'must not be empty'))
const optionalText = z.optional(z.string('must be a string').check(z.minLength(1, 'must not be empty')))

const entry = z.strictObject(
  {
    issuer: requiredText,
    audience: requiredText,
    jwks_url: z.optional(webUrl),
    jwks: z.optional(publicJwkSet),
    hs256_secret: z.optional(sharedSecret),
    algorithms: z.optional(arrayOf(z.string('must be a string'), 'must be an array of algorithms')),
    subject_issuer: optionalText,
    privileged: z._default(scalar(flag), false),
    mfa_issuer: z.optional(displayName),
    account_claim: optionalText,
    step_up_audience: optionalText,
    enroll_max_age_seconds: z.optional(scalar(positiveInteger)),
    cors_origins: z.optional(arrayOf(origin, 'must be an array of origins')),
  },
  { error: (issue) => (issue.code === 'unrecognized_keys' ? unknownMembers(issue.keys) : 'must be an object') },
)

const entries = z.optional(
  z.pipe(
    z.transform(parseEntries),
    z.array(entry, 'must be a JSON array of objects').check(z.minLength(1, 'must hold an entry')),
  ),
)

/** The settings that list issuers. A variable of a Worker holds 5 kB, so the list may be spread over several. */
export const issuerLists = {
  AUTH_ISSUERS: entries,
  AUTH_ISSUERS_2: entries,
  AUTH_ISSUERS_3: entries,
  AUTH_ISSUERS_4: entries,
  AUTH_ISSUERS_5: entries,
  AUTH_ISSUERS_6: entries,
  AUTH_ISSUERS_7: entries,
  AUTH_ISSUERS_8: entries,
  AUTH_ISSUERS_9: entries,
}

/** The settings that describe a single issuer. They are absent where there is a list. */
export const singleIssuer = {
  AUTH_ISSUER: z.optional(text),
  AUTH_AUDIENCE: z.optional(text),
  AUTH_JWKS_URL: z.optional(webUrl),
  AUTH_JWKS: z.optional(publicKeySet),
  AUTH_HS256_SECRET: z.optional(sharedSecret),
  AUTH_ALGORITHMS: z.optional(list),
}

/** The names of the settings that list issuers. */
export const ISSUER_LISTS = Object.keys(issuerLists) as readonly (keyof typeof issuerLists)[]

type Entry = Readonly<z.output<typeof entry>>
type Lists = { readonly [Name in keyof typeof issuerLists]?: readonly Entry[] | undefined }
type Single = Readonly<z.output<z.ZodMiniObject<typeof singleIssuer>>>

/** What an entry leaves to the settings of the same name. */
type Defaults = {
  readonly AUTH_MAX_LIFETIME_SECONDS: number
  readonly MFA_ISSUER: string
  readonly MFA_ACCOUNT_CLAIM?: string | undefined
  readonly STEP_UP_AUDIENCE: string
  readonly ENROLL_MAX_AGE_SECONDS?: number | undefined
  readonly CORS_ORIGINS: readonly string[]
}

/** The issuers of valid settings. */
export function toIssuers(settings: Lists & Single & Defaults): readonly Issuer[] {
  const listed = ISSUER_LISTS.flatMap((name) => settings[name] ?? [])
  return (listed.length > 0 ? listed : [singleEntry(settings)]).map((each) => toIssuer(each, settings))
}

/** A single issuer has always been trusted with the scopes `mfa:*`. */
function singleEntry(settings: Single): Entry {
  return {
    issuer: settings.AUTH_ISSUER ?? '',
    audience: settings.AUTH_AUDIENCE ?? '',
    jwks_url: settings.AUTH_JWKS_URL,
    jwks: settings.AUTH_JWKS,
    hs256_secret: settings.AUTH_HS256_SECRET,
    algorithms: settings.AUTH_ALGORITHMS && [...settings.AUTH_ALGORITHMS],
    privileged: true,
  }
}

function toIssuer(given: Entry, defaults: Defaults): Issuer {
  const allowed = given.hs256_secret === undefined ? KEY_SET_ALGORITHMS : SECRET_ALGORITHMS
  return {
    iss: given.issuer,
    audience: given.audience,
    keys: toKeys(given),
    algorithms: given.algorithms ?? allowed,
    maxLifetimeSeconds: defaults.AUTH_MAX_LIFETIME_SECONDS,
    subjectIssuer: given.subject_issuer ?? given.issuer,
    privileged: given.privileged,
    mfaIssuer: given.mfa_issuer ?? defaults.MFA_ISSUER,
    accountClaim: given.account_claim ?? defaults.MFA_ACCOUNT_CLAIM,
    stepUpAudience: given.step_up_audience ?? defaults.STEP_UP_AUDIENCE,
    enrollMaxAgeSeconds: given.enroll_max_age_seconds ?? defaults.ENROLL_MAX_AGE_SECONDS,
    corsOrigins: given.cors_origins ?? defaults.CORS_ORIGINS,
  }
}

function toKeys({ jwks_url: url, jwks, hs256_secret: secret }: Entry): IssuerKeys {
  if (url) return { kind: 'remote', url }
  if (jwks) return { kind: 'inline', jwks }
  if (secret) return { kind: 'secret', secret }
  throw new Error('a valid entry has keys')
}

/** An array in JSON; its items as comma-separated text, as in the setting of that name, are accepted too. */
function arrayOf<Schema extends z.ZodMiniType>(item: Schema, message: string) {
  const split = z.transform((value: unknown) => (typeof value === 'string' ? splitList(value) : value))
  return z.pipe(split, z.array(item, message).check(z.minLength(1, message)))
}

/** A number or boolean in JSON, decoded like the text of a setting. */
function scalar<Schema extends z.ZodMiniType<unknown, string>>(schema: Schema) {
  const toText = (value: unknown) => (['number', 'boolean'].includes(typeof value) ? String(value) : value)
  return z.pipe(z.transform(toText), schema)
}

/** Names the members that look like names: anything else might be a value in the wrong place. */
function unknownMembers(members: readonly string[]): string {
  const names = members.filter((member) => /^[a-z][a-z0-9_]{0,31}$/.test(member))
  return names.length > 0 ? `has unknown members: ${names.join(', ')}` : 'has unknown members'
}

function parseEntries(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
