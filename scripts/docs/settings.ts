import type { SETTING_NAMES } from '../../src/config.ts'

/** The further variables of AUTH_ISSUERS have no row of their own. */
type SettingName = Exclude<(typeof SETTING_NAMES)[number], `AUTH_ISSUERS_${number}`>

/** The row of a setting in the README: whether it is required, its default, and its description. */
export type SettingGuide = { readonly needed: string; readonly what: string }

/** All settings, in the order of `src/config.ts`. A missing one is a type error. */
export const SETTINGS = {
  PUBLIC_URL: { needed: 'yes', what: 'this service’s own origin' },
  TURSO_DATABASE_URL: { needed: 'yes', what: 'the database: Turso, or any libSQL server' },
  TURSO_AUTH_TOKEN: { needed: 'yes, except on loopback', what: 'the token of the database' },
  AUTH_ISSUER: { needed: 'yes', what: '`iss` of the access tokens' },
  AUTH_AUDIENCE: { needed: 'yes', what: '`aud` of the access tokens' },
  AUTH_JWKS_URL: { needed: 'one of three', what: 'the keys of the access tokens: the URL of the issuer’s key set' },
  AUTH_JWKS: { needed: 'one of three', what: 'the keys of the access tokens: the key set itself' },
  AUTH_HS256_SECRET: {
    needed: 'one of three',
    what: 'the keys of the access tokens: a shared secret in base64url, of 32 random bytes or more',
  },
  AUTH_ALGORITHMS: {
    needed: 'default: `HS256` with a secret, else `RS256,PS256,ES256,EdDSA`',
    what: 'the accepted algorithms',
  },
  AUTH_ISSUERS: {
    needed: 'in place of the six above',
    what: 'several issuers, as a JSON array; `AUTH_ISSUERS_2` … `AUTH_ISSUERS_9` continue it ([docs/issuers.md](docs/issuers.md))',
  },
  AUTH_MAX_LIFETIME_SECONDS: { needed: 'default 86400', what: 'the maximum lifetime of an access token' },
  MFA_KEYS: {
    needed: 'yes',
    what: 'master keys `keyId:base64url(32 bytes)`, comma separated; the first one encrypts, all of them decrypt',
  },
  MFA_ISSUER: { needed: 'yes', what: 'the name in authenticator apps, without a colon' },
  MFA_ACCOUNT_CLAIM: {
    needed: 'default: `email`, `preferred_username` or `sub`',
    what: 'the claim that names the account in authenticator apps',
  },
  ENROLL_MAX_AGE_SECONDS: {
    needed: 'no, but recommended',
    what: 'when set, turning MFA on requires an `auth_time` within this many seconds: an older stolen token enrolls no authenticator',
  },
  STEP_UP_PRIVATE_JWK: { needed: 'yes', what: 'the ES256 key that signs step-up tokens' },
  STEP_UP_EXTRA_JWKS: { needed: 'no', what: 'previous and next public keys (P-256), as a JWK Set' },
  STEP_UP_ISSUER: {
    needed: 'default `PUBLIC_URL`',
    what: '`iss` of step-up tokens; must differ from every `iss` of access tokens',
  },
  STEP_UP_AUDIENCE: {
    needed: 'yes',
    what: '`aud` of step-up tokens; must differ from every `aud` of access tokens and from `STEP_UP_ISSUER`',
  },
  CORS_ORIGINS: { needed: 'default none', what: 'origins whose pages may call the API, comma separated' },
  WEBHOOK_URL: { needed: 'both or none', what: 'the URL that receives events (Standard Webhooks)' },
  WEBHOOK_SECRET: {
    needed: 'both or none',
    what: 'one or two `whsec_` secrets, comma separated; both sign',
  },
  EVENT_RETENTION_DAYS: { needed: 'default 400', what: 'how long events are kept' },
  PAGE_ENABLED: { needed: 'default off', what: '`true` serves the demonstration page at `/`' },
} as const satisfies Readonly<Record<SettingName, SettingGuide>>
