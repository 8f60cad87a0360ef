import type { Client } from '@libsql/client/http'

/** Subjects of one transaction: it must end long before the server takes the lock away from it, after five seconds. */
const CHUNK = 2_000
const DAY_MS = 86_400_000
/** When they all turned MFA on: long enough ago for the jobs to look at them. */
const ENABLED_DAYS_AGO = 30

/** As long as a UUID. */
const UUID = 'lower(hex(randomblob(18)))'
/** As long as the envelope of a secret: 12 bytes and 20 + 16, in base64url. */
const SEALED = `'v1.' || :keyId || '.' || hex(randomblob(8)) || '.' || hex(randomblob(24))`
/** As long as a hash in base64url. */
const HASH = 'substr(hex(randomblob(22)), 1, 43)'
const NUMBERS = 'WITH RECURSIVE number (id) AS (SELECT :first UNION ALL SELECT id + 1 FROM number WHERE id < :last)'

/** The rows of an enrolled subject, in the sizes that an enrollment leaves. What is sealed and hashed in them is noise. */
const STATEMENTS = [
  `INSERT INTO subject (id, issuer, sub, created_at, enabled_at, generation, event_sequence, claim)
  ${NUMBERS} SELECT id, :issuer, ${UUID}, :enabledAt + id, :enabledAt + id, 1, 1, ${UUID} FROM number`,
  `INSERT INTO authenticator (subject_id, id, state, name, sealed, key_id, algorithm, digits, step_seconds, created_at,
    last_step, last_used_at)
  ${NUMBERS} SELECT id, ${UUID}, 'active', 'Authenticator', ${SEALED}, :keyId, 'SHA1', 6, 30, :enabledAt + id,
    (:enabledAt + id) / 30000, :enabledAt + id FROM number`,
  `INSERT INTO backup_code (subject_id, hash, key_id, created_at)
  ${NUMBERS} SELECT number.id, ${HASH}, :keyId, :enabledAt + number.id FROM number, json_each('[0,1,2,3,4,5,6,7,8,9]')`,
  `INSERT INTO key_use (key_id, subject_id) ${NUMBERS} SELECT :keyId, id FROM number`,
  `INSERT INTO event (subject_id, sequence, id, type, at, authenticator_id, factor, request_id, country)
  ${NUMBERS} SELECT id, 1, ${UUID}, 'mfa.enabled', :enabledAt + id, ${UUID}, 'otp', ${UUID}, 'DE' FROM number`,
]

/**
 * Puts enrolled subjects in at the end of the table, some thousand a transaction. Through the store a million would take
 * hours.
 */
export async function loadSubjects(
  client: Client,
  options: {
    readonly count: number
    readonly issuer: string
    readonly keyId: string
  },
): Promise<void> {
  const { count, issuer, keyId } = options
  const enabledAt = Date.now() - ENABLED_DAYS_AGO * DAY_MS
  let next = (await lastId(client)) + 1
  for (let done = 0; done < count; done += CHUNK) {
    const size = Math.min(CHUNK, count - done)
    const args = { first: BigInt(next), last: BigInt(next + size - 1), issuer, keyId, enabledAt: BigInt(enabledAt) }
    await client.batch(
      STATEMENTS.map((sql) => ({ sql, args: named(sql, args) })),
      'write',
    )
    next += size
  }
}

async function lastId(client: Client): Promise<number> {
  return Number((await client.execute('SELECT coalesce(max(id), 0) FROM subject')).rows[0]?.[0])
}

/** The arguments that a statement names; the server refuses others. */
function named<Value>(sql: string, args: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(args).filter(([name]) => sql.includes(`:${name}`)))
}
