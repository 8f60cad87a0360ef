import { type Database, statement } from '../../src/store/database.ts'
import { queue, tell } from '../../src/store/job-statements.ts'
import { all, integer, only, text } from '../../src/store/rows.ts'

/*
 * Statements of `npm run keys -- status` and `npm run compromise`. The Worker does not run them, and they may scan whole
 * tables.
 */

const countKeys = statement(`
  SELECT key_id, sum(secrets) AS secrets, sum(codes) AS codes FROM (
    SELECT key_id, 1 AS secrets, 0 AS codes FROM authenticator
    UNION ALL SELECT key_id, 0, 1 FROM backup_code WHERE used_at IS NULL)
  GROUP BY key_id ORDER BY key_id`)

const COMPROMISED = 'SELECT subject_id FROM key_use WHERE key_id = :keyId ORDER BY subject_id LIMIT :limit'

const countCompromised = statement('SELECT count(*) AS subjects FROM key_use WHERE key_id = :keyId')

const listCompromised = statement(`
  SELECT issuer, sub FROM key_use JOIN subject ON subject.id = subject_id
  WHERE key_id = :keyId AND subject_id > :after ORDER BY subject_id LIMIT :limit`)

/** Rows of key_use go last: every statement selects the same subjects by them, and an interrupted run continues. */
const resetCompromised = [
  statement(`
  UPDATE subject SET generation = generation + 1, enabled_at = NULL, failures = 0, retry_at = NULL
  WHERE id IN (${COMPROMISED})`),
  ...['authenticator', 'backup_code', 'verify_repeat'].map((table) =>
    statement(`DELETE FROM ${table} WHERE subject_id IN (${COMPROMISED})`),
  ),
  statement(`DELETE FROM key_use WHERE key_id = :keyId AND subject_id IN (${COMPROMISED}) RETURNING subject_id`),
]

/** What an operator reads and changes about master keys. */
export function masterKeyStore(database: Database) {
  return {
    /** Returns the number of sealed secrets and unused backup codes for each key ID. */
    async countKeys(): Promise<readonly { keyId: string; secrets: number; backupCodes: number }[]> {
      const [rows] = await database.read([countKeys], {})
      return all(rows).map((row) => ({
        keyId: text(row, 'key_id'),
        secrets: integer(row, 'secrets'),
        backupCodes: integer(row, 'codes'),
      }))
    },

    /** Returns how many subjects ever had a secret or a backup code under a key, and the first of them. */
    async listCompromised(options: {
      keyId: string
      limit: number
    }): Promise<{ subjects: number; first: readonly string[] }> {
      const [count, rows] = await database.read([countCompromised, listCompromised], { ...options, after: 0 })
      const first = all(rows).map((row) => `${text(row, 'issuer')} ${text(row, 'sub')}`)
      return { subjects: integer(only(count), 'subjects'), first }
    },

    /** Turns MFA off for at most `limit` of these subjects, with an event for each. Returns how many. */
    async resetCompromised(run: {
      keyId: string
      limit: number
      now: number
      requestId: string
      outbox: boolean
    }): Promise<number> {
      const { outbox, ...args } = run
      const statements = [...tell(COMPROMISED), ...(outbox ? [queue(COMPROMISED)] : []), ...resetCompromised]
      const event = { eventType: 'mfa.revoked', reason: 'master key compromised' }
      const results = await database.write(statements, { ...args, ...event })
      return all(results.at(-1)).length
    },
  }
}
