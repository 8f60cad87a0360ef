import type { Explanation } from './explanation.ts'

const SET = 'npx wrangler secret put NAME --env ENVIRONMENT for a secret, [env.….vars] in wrangler.toml for the others.'
const NEW_DATABASE_TOKEN = 'turso db tokens create, then npx wrangler secret put TURSO_AUTH_TOKEN --env ENVIRONMENT.'

/** Findings about the service itself: settings, keys, database and rows. */
export const SERVICE_EXPLANATIONS = {
  // Settings
  'setting-faulty': {
    severity: 'error',
    cause: 'The setting is missing or malformed. The Worker answers every request with 500.',
    fix: `Set it as described in the README under "Configuration": ${SET}`,
  },
  'database-unnamed': {
    severity: 'error',
    cause:
      'These are the settings of the local service, which starts its own database, so TURSO_DATABASE_URL is not set.',
    fix: 'Use the URL that npm run dev prints: TURSO_DATABASE_URL=… npm run doctor -- --env-file .dev.vars',
  },
  'setting-unknown': {
    severity: 'warning',
    cause: 'There is no setting of this name, so the Worker ignores it. It may be misspelled.',
    fix: 'Correct the name, or remove it.',
  },
  'address-local': {
    severity: 'error',
    cause: 'The service is public, but this address is on loopback, which a deployed Worker cannot reach.',
    fix: 'Set a public address.',
  },
  'page-public': {
    severity: 'warning',
    cause: 'PAGE_ENABLED serves the demonstration page on a public service.',
    fix: 'Remove PAGE_ENABLED.',
  },
  // Keys
  'key-malformed': {
    severity: 'error',
    cause: 'An entry of MFA_KEYS is not keyId:base64url, where the ID has 1 to 32 letters, digits, - and _.',
    fix: 'Write it as npm run keys prints it.',
  },
  'key-length': {
    severity: 'error',
    cause: 'A master key is not 32 bytes long: it is truncated, or is not in base64url.',
    fix: 'Copy the whole key from where it is stored. npm run keys prints a new one.',
  },
  'key-id-twice': {
    severity: 'error',
    cause: 'Two master keys have the same ID, so it is ambiguous which one a row is sealed under.',
    fix: 'Give the newer key another ID. Existing rows keep the ID that they were sealed under.',
  },
  'key-twice': {
    severity: 'error',
    cause: 'The same master key has two IDs, so rotating from one to the other changes nothing.',
    fix: 'Replace the entry that is not in use yet (npm run keys -- status) with a new key from npm run keys.',
  },
  'key-weak': {
    severity: 'error',
    cause: 'The key has few distinct bytes, so it is not random. It may be an example or typed by hand.',
    fix: 'Use a key from npm run keys. If rows are sealed under this one: docs/operations.md, "A master key may be known".',
  },
  'key-printable': {
    severity: 'warning',
    cause: 'The secret is printable text, which holds fewer random bits than bytes of its length.',
    fix: 'If your issuer lets you choose the secret, take one of npm run keys.',
  },
  'key-shared': {
    severity: 'error',
    cause: 'A master key equals the shared secret of an issuer of access tokens, which that issuer knows.',
    fix: 'Use a separate key from npm run keys, and rotate as if the current one were compromised.',
  },
  'keys-many': {
    severity: 'warning',
    cause: 'The cron re-seals rows under the four keys after the first. Rows under further keys are not re-sealed.',
    fix: 'Remove the keys for which npm run keys -- status counts nothing.',
  },
  'signing-key-torn': {
    severity: 'error',
    cause: 'The public part of STEP_UP_PRIVATE_JWK does not belong to its private part.',
    fix: 'Set the original JWK. If it is lost: npm run keys, and rotate the signing key.',
  },
  'extra-key-is-signing-key': {
    severity: 'error',
    cause: 'STEP_UP_EXTRA_JWKS contains the signing key, so the key set has two keys with the same ID.',
    fix: 'Remove it from STEP_UP_EXTRA_JWKS.',
  },
  'extra-key-unusable': {
    severity: 'error',
    cause: 'A key of STEP_UP_EXTRA_JWKS is not a point on P-256. Verifiers may reject the whole key set.',
    fix: 'Copy the public part of the key again, or remove it.',
  },
  // Database
  'database-unreachable': {
    severity: 'error',
    cause: 'The database did not respond: the host is wrong, the network fails, or the database is down.',
    fix: 'Compare TURSO_DATABASE_URL with turso db show. See docs/operations/incidents.md, "The database is down".',
  },
  'database-token-refused': {
    severity: 'error',
    cause: 'The database rejected the token: it belongs to another database, has expired, or was revoked.',
    fix: NEW_DATABASE_TOKEN,
  },
  'database-token-expired': {
    severity: 'error',
    cause: 'The database token has expired.',
    fix: NEW_DATABASE_TOKEN,
  },
  'database-token-expiring': {
    severity: 'warning',
    cause: 'The database token expires within two weeks. After that, every request is answered with 503.',
    fix: NEW_DATABASE_TOKEN,
  },
  'database-token-read-only': {
    severity: 'error',
    cause: 'The database token is read-only, so every setup, verify and challenge fails.',
    fix: 'Create one without --read-only.',
  },
  'migrations-missing': {
    severity: 'error',
    cause: 'Migrations in drizzle/ are not applied to this database.',
    fix: 'npm run db:migrate, before you deploy the Worker that needs them.',
  },
  'migrations-unknown': {
    severity: 'error',
    cause: 'The database has migrations that this checkout does not have: you are about to deploy an older version.',
    fix: 'Deploy the version with these migrations, or restore the database from a backup made before them.',
  },
  'schema-incomplete': {
    severity: 'error',
    cause: 'The migrations are recorded as applied, but a table or an index is missing.',
    fix: 'Restore the database, or run the statement in drizzle/ that creates it.',
  },
  'issuer-changed': {
    severity: 'error',
    cause: 'Users have MFA on under an issuer that no entry reads. The service does not find them, so MFA looks off.',
    fix: 'If the issuer moved, set subject_issuer in its entry of AUTH_ISSUERS: docs/issuers.md, "An issuer changes its URL". Otherwise set AUTH_ISSUER back before you deploy.',
  },
  'issuer-foreign': {
    severity: 'warning',
    cause: 'There are users under an issuer that no entry reads. None of them has MFA on.',
    fix: 'Nothing, if you removed the issuer on purpose. Otherwise set AUTH_ISSUER back, or add it to AUTH_ISSUERS.',
  },
  'key-missing': {
    severity: 'error',
    cause:
      'Secrets are sealed under a master key that is not in MFA_KEYS. Requests of their users are answered with 503.',
    fix: 'Add the key again, after the first one, until npm run keys -- status counts no secret under it.',
  },
  'backup-code-key-missing': {
    severity: 'warning',
    cause:
      'Unused backup codes were hashed under a master key that is not in MFA_KEYS. The cron voids them and records an event.',
    fix: 'Nothing after a rotation. If the key was removed by mistake, add it again within a day.',
  },
  'secrets-shut': {
    severity: 'error',
    cause:
      'Secrets cannot be opened with the key of their key ID: the ID was given to another key, or rows were changed.',
    fix: 'Set the key that had this ID first. If rows were changed, restore them from a backup.',
  },
  'rows-from-the-future': {
    severity: 'error',
    cause: 'Rows have timestamps in the future: a clock was wrong, or the clock of this machine is.',
    fix: 'See docs/operations/incidents.md, "A clock was wrong".',
  },
} as const satisfies Record<string, Explanation>
