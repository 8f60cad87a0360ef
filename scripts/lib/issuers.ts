import { createHmac } from 'node:crypto'
import * as z from 'zod/mini'
import { CliError } from '../../operator/cli-error.ts'
import { ISSUER_LISTS } from '../../src/config-issuers.ts'
import type { Settings } from './settings.ts'

/** An issuer whose access tokens the local service accepts, and the secret that signs them, in base64url. */
export type LocalIssuer = { readonly issuer: string; readonly audience: string; readonly hs256_secret: string }

/** `iss` of the second issuer of the local service. */
export const SECOND_ISSUER = 'https://second-issuer.example'

const entries = z.array(
  z.looseObject({ issuer: z.string(), audience: z.string(), hs256_secret: z.optional(z.string()) }),
)

/** Settings that give the local service a second issuer beside the one of `.dev.vars`; they override those. */
export function withSecondIssuer(settings: Settings): Settings {
  const [first, ...others] = localIssuers(settings)
  if (!first || others.length > 0)
    throw new CliError('A second issuer needs a single one in .dev.vars: AUTH_ISSUER with AUTH_HS256_SECRET.')
  const list = [
    { ...first, privileged: true },
    { ...secondIssuer(first), mfa_issuer: 'Edge MFA, second issuer' },
  ]
  return { AUTH_ISSUER: '', AUTH_AUDIENCE: '', AUTH_HS256_SECRET: '', AUTH_ISSUERS: JSON.stringify(list) }
}

/** The issuers in the settings that have a shared secret. */
export function localIssuers(settings: Settings): readonly LocalIssuer[] {
  const listed = ISSUER_LISTS.flatMap((name) => entries.parse(JSON.parse(settings[name] || '[]')))
  const { AUTH_ISSUER: issuer = '', AUTH_AUDIENCE: audience = '', AUTH_HS256_SECRET: secret = '' } = settings
  const single = secret === '' ? [] : [{ issuer, audience, hs256_secret: secret }]
  return [
    ...single,
    ...listed.flatMap(({ hs256_secret, ...entry }) => (hs256_secret ? [{ ...entry, hs256_secret }] : [])),
  ]
}

/**
 * The issuer of that `iss`, by default the first one. The second issuer is known even where the settings do not list
 * it, so that `npm run token` signs for a service that was started with it. Throws a {@link CliError} for an unknown `iss`.
 */
export function findIssuer(settings: Settings, iss: string | undefined): LocalIssuer {
  const known = localIssuers(settings)
  const [first] = known
  if (!first) throw new CliError('The settings have no issuer with a shared secret, so no token can be signed.')
  const all = known.length === 1 ? [first, secondIssuer(first)] : known
  const found = iss === undefined ? first : all.find(({ issuer }) => issuer === iss)
  if (found) return found
  throw new CliError(`--issuer takes one of ${all.map(({ issuer }) => issuer).join(', ')}.`)
}

/** Its secret is derived from that of the first issuer, so that it needs no place of its own. */
function secondIssuer({ audience, hs256_secret }: LocalIssuer): LocalIssuer {
  const secret = createHmac('sha256', Buffer.from(hs256_secret, 'base64url')).update(SECOND_ISSUER).digest('base64url')
  return { issuer: SECOND_ISSUER, audience, hs256_secret: secret }
}
