import { ISSUER_LISTS, KEY_SET_ALGORITHMS, SECRET_ALGORITHMS, singleIssuer } from './config-issuers.ts'
import { splitList, toOrigin } from './config-values.ts'

/*
 * Rules between the settings of issuers that no single value shows. They read the raw text of the settings, so that
 * their errors are reported together with those of malformed values.
 */

/** A setting that is missing or malformed. */
export type ConfigError = { readonly name: string; readonly message: string }

/** The text of each setting; undefined where it is absent. */
export type RawSettings = Readonly<Record<string, string | undefined>>

type Member = 'issuer' | 'audience' | 'jwks_url' | 'hs256_secret' | 'algorithms' | 'subject_issuer' | 'step_up_audience'

/** An entry as it was written, and how an error in one of its members is reported. */
type RawEntry = {
  readonly members: Readonly<Record<string, unknown>>
  /** The name of a member where the entry was written. */
  readonly nameOf: (member: keyof typeof SETTING_OF) => string
  readonly error: (member: Member, message: string) => ConfigError
}

/** The members of which an entry has exactly one. */
const KEY_MEMBERS = ['jwks_url', 'jwks', 'hs256_secret'] as const

/** Each member as a setting of a single issuer. */
const SETTING_OF = {
  issuer: 'AUTH_ISSUER',
  audience: 'AUTH_AUDIENCE',
  jwks_url: 'AUTH_JWKS_URL',
  jwks: 'AUTH_JWKS',
  hs256_secret: 'AUTH_HS256_SECRET',
  algorithms: 'AUTH_ALGORITHMS',
} as const

/** All broken rules, each by the setting, the index of the entry and the member. */
export function issuerErrors(raw: RawSettings): readonly ConfigError[] {
  const isList = ISSUER_LISTS.some((name) => raw[name] !== undefined)
  const entries = isList ? ISSUER_LISTS.flatMap((name) => listedEntries(name, raw[name])) : [singleEntry(raw)]
  return [
    ...(isList ? presentErrors(raw) : missingErrors(raw)),
    ...entries.flatMap((entry) => [...keyErrors(entry), ...algorithmErrors(entry)]),
    ...duplicateErrors(entries),
    ...entries.flatMap((entry) => sharingErrors(entry, entries)),
    ...stepUpErrors(entries, raw),
  ]
}

/** Where an error is, such as `[1].jwks.keys[0].x`. */
export function entryPath(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
}

function listedEntries(name: string, text: string | undefined): readonly RawEntry[] {
  const values = parseArray(text ?? '[]')
  return values.flatMap((value, index) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    const error = (member: Member, message: string) => ({
      name,
      message: `${entryPath([index, member])} ${message}`,
    })
    return [{ members: { ...value }, nameOf: (member) => member, error }]
  })
}

function singleEntry(raw: RawSettings): RawEntry {
  const members = Object.entries(SETTING_OF).map(([member, name]) => [member, raw[name]])
  const names: Partial<Record<Member, string>> = SETTING_OF
  return {
    members: Object.fromEntries(members),
    nameOf: (member) => SETTING_OF[member],
    error: (member, message) => ({ name: names[member] ?? member, message }),
  }
}

function missingErrors(raw: RawSettings): readonly ConfigError[] {
  const missing = ['AUTH_ISSUER', 'AUTH_AUDIENCE'].filter((name) => raw[name] === undefined)
  return missing.map((name) => ({ name, message: 'is missing' }))
}

function presentErrors(raw: RawSettings): readonly ConfigError[] {
  const present = Object.keys(singleIssuer).filter((name) => raw[name] !== undefined)
  return present.map((name) => ({ name, message: 'must be absent where AUTH_ISSUERS lists the issuers' }))
}

function keyErrors({ members, nameOf, error }: RawEntry): readonly ConfigError[] {
  if (KEY_MEMBERS.filter((member) => members[member] !== undefined).length === 1) return []
  const [, jwks, secret] = KEY_MEMBERS.map(nameOf)
  return [error('jwks_url', `must be set, or ${jwks}, or ${secret}, and only one of them`)]
}

function algorithmErrors({ members, error }: RawEntry): readonly ConfigError[] {
  const { algorithms, hs256_secret: secret } = members
  const names: readonly unknown[] = typeof algorithms === 'string' ? splitList(algorithms) : toArray(algorithms)
  const allowed = secret === undefined ? KEY_SET_ALGORITHMS : SECRET_ALGORITHMS
  if (names.every((name) => typeof name !== 'string' || allowed.includes(name))) return []
  const message = `may name ${SECRET_ALGORITHMS} with a secret, and ${KEY_SET_ALGORITHMS.join(', ')} with a key set`
  return [error('algorithms', message)]
}

/** A token is judged by the entry of its `iss`, so there can be one only. */
function duplicateErrors(entries: readonly RawEntry[]): readonly ConfigError[] {
  const seen = new Set<unknown>()
  return entries.flatMap(({ members, error }) => {
    const isDuplicate = members['issuer'] !== undefined && seen.has(members['issuer'])
    seen.add(members['issuer'])
    return isDuplicate ? [error('issuer', 'must differ from that of every other entry')] : []
  })
}

/** Issuers that share subjects can act for each other's users, so each must say so, and all must be equally hard to forge. */
function sharingErrors({ members, error }: RawEntry, entries: readonly RawEntry[]): readonly ConfigError[] {
  const shared = subjectIssuerOf(members)
  const others = entries
    .map((entry) => entry.members)
    .filter((other) => other['issuer'] !== members['issuer'] && subjectIssuerOf(other) === shared)
  if (shared === undefined || others.length === 0) return []
  const isSecretBesideKeySet =
    members['hs256_secret'] !== undefined && others.some((other) => other['hs256_secret'] === undefined)
  return [
    ...(members['subject_issuer'] === undefined
      ? [error('subject_issuer', 'is missing: another entry keeps its subjects under this issuer')]
      : []),
    ...(isSecretBesideKeySet
      ? [error('hs256_secret', 'must not stand in an entry that shares its subject_issuer with a key set')]
      : []),
  ]
}

function subjectIssuerOf(members: RawEntry['members']): unknown {
  return members['subject_issuer'] ?? members['issuer']
}

/** No service may take a step-up token for an access token, nor the other way round. */
function stepUpErrors(entries: readonly RawEntry[], raw: RawSettings): readonly ConfigError[] {
  const issuers = entries.map(({ members }) => members['issuer'])
  const audiences = entries.map(({ members }) => members['audience'])
  const stepUpIssuer = raw['STEP_UP_ISSUER'] ?? toOrigin(raw['PUBLIC_URL'] ?? '')
  const messagesFor = (audience: unknown) => [
    ...(audiences.includes(audience) ? ['must differ from every audience of access tokens'] : []),
    ...(audience === stepUpIssuer ? ['must differ from STEP_UP_ISSUER'] : []),
  ]
  const name = 'STEP_UP_AUDIENCE'
  const [byDefault, own] = [raw[name], entries.filter(({ members }) => members['step_up_audience'] !== undefined)]
  const isIssuer = stepUpIssuer !== undefined && issuers.includes(stepUpIssuer)
  return [
    ...(isIssuer ? [{ name: 'STEP_UP_ISSUER', message: 'must differ from every issuer of access tokens' }] : []),
    ...(byDefault === undefined ? [] : messagesFor(byDefault).map((message) => ({ name, message }))),
    ...own.flatMap(({ members, error }) =>
      messagesFor(members['step_up_audience']).map((message) => error('step_up_audience', message)),
    ),
  ]
}

function parseArray(text: string): readonly unknown[] {
  try {
    return toArray(JSON.parse(text))
  } catch {
    return []
  }
}

function toArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
