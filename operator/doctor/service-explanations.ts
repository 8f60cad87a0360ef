import type { Explanation } from './explanation.ts'

const SET = 'npx wrangler secret put NAME --env ENVIRONMENT for a secret, [env.….vars] in wrangler.toml for the others.'

/** What can be wrong with the service itself: its settings, its keys, its database. */
export const SERVICE_EXPLANATIONS = {
  // Settings
  'setting-faulty': {
    severity: 'error',
    cause: 'The setting is missing or malformed; the Worker answers 500 on every route.',
    cure: `Set it as the README says under "Configuration": ${SET}`,
  },
  'database-unnamed': {
    severity: 'error',
    cause: 'The service is the local one, which starts a database of its own; no setting says where.',
    cure: 'Take what npm run dev prints: TURSO_DATABASE_URL=… npm run doctor -- --env-file .dev.vars',
  },
  'setting-unknown': {
    severity: 'warning',
    cause: 'The file has a name that is no setting, perhaps a misspelt one; the Worker ignores it.',
    cure: 'Correct the name, or take it out.',
  },
  'address-local': {
    severity: 'error',
    cause: 'The service is public and this address is on loopback, which a deployed Worker cannot reach.',
    cure: 'Set the address by which the Worker reaches it.',
  },
  'page-public': {
    severity: 'warning',
    cause: 'PAGE_ENABLED puts the demonstration page on a public service.',
    cure: 'Take PAGE_ENABLED out.',
  },
  // Keys
  'key-malformed': {
    severity: 'error',
    cause: 'An entry of MFA_KEYS is not keyId:base64url, the id of 1 to 32 letters, digits, - and _.',
    cure: 'Write it as npm run keys prints it.',
  },
  'key-length': {
    severity: 'error',
    cause: 'A master key is not of 32 bytes; it was cut off, or is written in another alphabet than base64url.',
    cure: 'Take the whole key from where it is kept; a new one comes from npm run keys.',
  },
  'key-id-twice': {
    severity: 'error',
    cause: 'Two master keys have the same id, so no row can say which one it is under.',
    cure: 'Give the newer one another id. Rows keep the id that they were made under.',
  },
  'key-twice': {
    severity: 'error',
    cause: 'One master key stands under two ids; a rotation to it would change nothing.',
    cure: 'Put a fresh key of npm run keys in the place of the one that nothing is under yet (npm run keys -- status).',
  },
  'key-weak': {
    severity: 'error',
    cause: 'The key repeats a few bytes; it was typed or is an example, not drawn at random.',
    cure: 'Take one of npm run keys. If rows are under it, rotate: docs/operations.md, "A master key may be known".',
  },
  'key-printable': {
    severity: 'warning',
    cause: 'The secret is printable text, which holds fewer random bits than bytes of its length.',
    cure: 'If your issuer lets you choose the secret, take one of npm run keys.',
  },
  'key-shared': {
    severity: 'error',
    cause: 'A master key is also the shared secret of an issuer of access tokens, which that issuer knows.',
    cure: 'Take a key of its own from npm run keys, and rotate as if the old one were known.',
  },
  'keys-many': {
    severity: 'warning',
    cause: 'The cron seals anew what is under the four keys after the first; what is under further ones stays there.',
    cure: 'Take out keys under which npm run keys -- status counts nothing.',
  },
  'signing-key-torn': {
    severity: 'error',
    cause: 'The public part of STEP_UP_PRIVATE_JWK is not that of its private part.',
    cure: 'Set the JWK as it was made. If that is lost: npm run keys, and rotate the signing key.',
  },
  'extra-key-is-signing-key': {
    severity: 'error',
    cause:
      'STEP_UP_EXTRA_JWKS holds the signing key too, so it is published twice and verifiers find two keys for one id.',
    cure: 'Take it out of STEP_UP_EXTRA_JWKS.',
  },
  'extra-key-unusable': {
    severity: 'error',
    cause: 'A key of STEP_UP_EXTRA_JWKS is no point of P-256; verifiers may refuse the whole published set.',
    cure: 'Copy the public part of the key again, or take it out.',
  },
  // Database
  'database-unreachable': {
    severity: 'error',
    cause: 'The database did not answer: a wrong host, a network between, or the database is down or asleep.',
    cure: 'Compare TURSO_DATABASE_URL with turso db show; see docs/operations/incidents.md, "The database is down".',
  },
  'database-token-refused': {
    severity: 'error',
    cause: 'The database refused the token: it is of another database, expired, or was invalidated.',
    cure: 'turso db tokens create, then npx wrangler secret put TURSO_AUTH_TOKEN --env ENVIRONMENT.',
  },
  'database-token-expired': {
    severity: 'error',
    cause: 'The token of the database is past its expiry.',
    cure: 'turso db tokens create, then npx wrangler secret put TURSO_AUTH_TOKEN --env ENVIRONMENT.',
  },
  'database-token-expiring': {
    severity: 'warning',
    cause: 'The token of the database expires within two weeks; from then on every request is answered with 503.',
    cure: 'turso db tokens create, then npx wrangler secret put TURSO_AUTH_TOKEN --env ENVIRONMENT.',
  },
  'database-token-read-only': {
    severity: 'error',
    cause: 'The token of the database may only read; every setup, verify and challenge fails.',
    cure: 'Make one without --read-only.',
  },
  'migrations-missing': {
    severity: 'error',
    cause: 'Migrations of drizzle/ were not applied to this database.',
    cure: 'npm run db:migrate, before the Worker that needs them is deployed.',
  },
  'migrations-unknown': {
    severity: 'error',
    cause: 'The database has migrations that this checkout does not know: the Worker to be deployed is an older one.',
    cure: 'Deploy the version that made them, or restore the database from before them.',
  },
  'schema-incomplete': {
    severity: 'error',
    cause:
      'The migrations count as applied, and yet something of them is not there: it was dropped, or a copy was partial.',
    cure: 'Restore the database, or make what is missing by the statement in drizzle/.',
  },
  'issuer-changed': {
    severity: 'error',
    cause:
      'Subjects with MFA on are stored under an issuer that no entry reads. For their users, MFA looks off.',
    cure: 'If the issuer moved, set subject_issuer in its entry of AUTH_ISSUERS (docs/issuers.md, "An issuer changes its URL"). Otherwise set AUTH_ISSUER back.',
  },
  'issuer-foreign': {
    severity: 'warning',
    cause: 'Subjects are stored under an issuer that no entry reads. None of them has MFA on.',
    cure: 'Nothing, if the issuer was removed on purpose. Otherwise set AUTH_ISSUER back, or add an entry to AUTH_ISSUERS.',
  },
  'key-missing': {
    severity: 'error',
    cause: 'Secrets are sealed under a master key that MFA_KEYS lacks; their owners get 503.',
    cure: 'Put the key back, behind the first one, until npm run keys -- status counts no secret under it.',
  },
  'backup-code-key-missing': {
    severity: 'warning',
    cause:
      'Unused backup codes are under a master key that MFA_KEYS lacks; they are void, and the cron tells their owners.',
    cure: 'Nothing after a rotation. If the key was taken out by mistake, put it back within a day.',
  },
  'secrets-shut': {
    severity: 'error',
    cause:
      'Secrets do not open under the key of their id: another key got that id, or rows were copied or changed by hand.',
    cure: 'Set the key that this id first had. If rows were changed, restore them.',
  },
  'rows-from-the-future': {
    severity: 'error',
    cause:
      'Rows tell of a moment that has not come: a clock was, or this machine’s is, wrong. Codes before it are refused.',
    cure: 'See docs/operations/incidents.md, "A clock was wrong".',
  },
} as const satisfies Record<string, Explanation>
