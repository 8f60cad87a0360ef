import { type Database, type Row, statement } from './database.ts'
import { queue, tell } from './job-statements.ts'
import { all, hasRow, integer, nullable, only, text } from './rows.ts'

/*
 * What an operator asks of the database by hand. The scripts use it, the Worker does not. These statements may look at
 * every row: they run when somebody waits for them.
 */

const listOutbox = statement(`
  SELECT event_id, type, attempts, next_at, outbox.created_at, issuer, sub
  FROM outbox JOIN event ON event.subject_id = outbox.subject_id AND event.sequence = outbox.sequence
    JOIN subject ON subject.id = outbox.subject_id
  ORDER BY next_at IS NOT NULL, outbox.created_at LIMIT :limit`)

const retryAll = statement('UPDATE outbox SET next_at = :now, created_at = :now, attempts = 0, lease = NULL')
const retryOne = statement(`${retryAll.sql} WHERE event_id = :eventId RETURNING event_id`)
const resume = statement('DELETE FROM webhook_pause')
const readPause = statement('SELECT max(paused_at) AS paused_at FROM webhook_pause')

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

/** The subjects are forgotten last, so every statement sees the same ones, and a run that broke off goes on where it was. */
const resetCompromised = [
  statement(`
  UPDATE subject SET generation = generation + 1, enabled_at = NULL, failures = 0, retry_at = NULL
  WHERE id IN (${COMPROMISED})`),
  ...['authenticator', 'backup_code', 'verify_repeat'].map((table) =>
    statement(`DELETE FROM ${table} WHERE subject_id IN (${COMPROMISED})`),
  ),
  statement(`DELETE FROM key_use WHERE key_id = :keyId AND subject_id IN (${COMPROMISED}) RETURNING subject_id`),
]

/** A delivery that has not been made. */
export type Waiting = {
  readonly eventId: string
  readonly type: string
  readonly attempts: number
  /** Null for a dead letter. */
  readonly nextAt: number | null
  readonly issuer: string
  readonly sub: string
}

/** The operator's view of a database. */
export function operatorStore(database: Database) {
  return {
    /** Deliveries that wait, dead letters first, and since when all of them are paused. */
    async listOutbox(limit: number): Promise<{ waiting: readonly Waiting[]; pausedAt: number | null }> {
      const [rows, pause] = await database.read([listOutbox, readPause], { limit })
      return { waiting: all(rows).map(toWaiting), pausedAt: nullable(integer, only(pause), 'paused_at') }
    },

    /** Makes one delivery due, or all of them, with three days before them, and ends a pause. False for an unknown one. */
    async retryDeliveries(options: { now: number; eventId: string | undefined }): Promise<boolean> {
      const { now, eventId } = options
      if (eventId === undefined) {
        await database.write([retryAll, resume], { now })
        return true
      }
      const [retried] = await database.write([retryOne, resume], { now, eventId })
      return hasRow(retried)
    },

    /** Sealed secrets and unused backup codes by key id. */
    async countKeys(): Promise<readonly { keyId: string; secrets: number; backupCodes: number }[]> {
      const [rows] = await database.read([countKeys], {})
      return all(rows).map((row) => ({
        keyId: text(row, 'key_id'),
        secrets: integer(row, 'secrets'),
        backupCodes: integer(row, 'codes'),
      }))
    },

    /** How many subjects ever had something under a key, and the first of them. */
    async listCompromised(options: {
      keyId: string
      limit: number
    }): Promise<{ subjects: number; first: readonly string[] }> {
      const [count, rows] = await database.read([countCompromised, listCompromised], { ...options, after: 0 })
      const first = all(rows).map((row) => `${text(row, 'issuer')} ${text(row, 'sub')}`)
      return { subjects: integer(only(count), 'subjects'), first }
    },

    /** Turns MFA off for some subjects of whom anything was ever under a key, with an event each. Answers how many. */
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

function toWaiting(row: Row): Waiting {
  return {
    eventId: text(row, 'event_id'),
    type: text(row, 'type'),
    attempts: integer(row, 'attempts'),
    nextAt: nullable(integer, row, 'next_at'),
    issuer: text(row, 'issuer'),
    sub: text(row, 'sub'),
  }
}
