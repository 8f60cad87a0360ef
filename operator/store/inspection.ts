import { type Database, type Row, statement } from '../../src/store/database.ts'
import { all, integer, nullable, only, text } from '../../src/store/rows.ts'

/* Statements of `npm run doctor`. They only read, and may scan whole tables. The Worker does not run them. */

const readNames = statement(`SELECT name FROM sqlite_master WHERE type IN ('table', 'index')`)
const readMigrations = statement('SELECT hash FROM __drizzle_migrations')

const countIssuers = statement(`
  SELECT issuer, count(*) AS subjects, count(enabled_at) AS enabled FROM subject GROUP BY issuer ORDER BY issuer`)

const countKeys = statement(`
  SELECT key_id, sum(secrets) AS secrets, sum(codes) AS codes FROM (
    SELECT key_id, 1 AS secrets, 0 AS codes FROM authenticator WHERE state = 'active'
    UNION ALL SELECT key_id, 0, 1 FROM backup_code WHERE used_at IS NULL AND voided_at IS NULL)
  GROUP BY key_id ORDER BY key_id`)

const readTraces = statement(`
  SELECT
    (SELECT min(next_at) FROM outbox) AS next_delivery,
    (SELECT count(*) FROM outbox) AS waiting,
    (SELECT count(*) FROM outbox WHERE next_at IS NULL) AS given_up,
    (SELECT max(paused_at) FROM webhook_pause) AS paused_at,
    (SELECT min(expires_at) FROM authenticator WHERE state = 'pending') AS oldest_pending,
    (SELECT min(expires_at) FROM verify_repeat) AS oldest_repeat,
    (SELECT max(at) FROM event) AS newest_event,
    (SELECT max(last_step * step_seconds) FROM authenticator) AS newest_step_seconds`)

/** The number of subjects of an issuer, and how many of them have MFA on. */
export type IssuerCount = { readonly issuer: string; readonly subjects: number; readonly enabled: number }

/** The number of active secrets and valid backup codes under a master key. */
export type KeyCount = { readonly keyId: string; readonly secrets: number; readonly backupCodes: number }

/** Counts and timestamps of rows. Timestamps are milliseconds since the epoch, or null when there is no row. */
export type Traces = {
  readonly nextDelivery: number | null
  readonly waiting: number
  readonly givenUp: number
  readonly pausedAt: number | null
  readonly oldestPending: number | null
  readonly oldestRepeat: number | null
  readonly newestEvent: number | null
  /** The start of the newest time step that was accepted. */
  readonly newestStepAt: number | null
}

/** What the doctor reads from a database. */
export function inspectionStore(database: Database) {
  return {
    /** Returns the names of all tables and indexes. */
    async readNames(): Promise<ReadonlySet<string>> {
      const [rows] = await database.read([readNames], {})
      return new Set(all(rows).map((row) => text(row, 'name')))
    },

    /** Returns the hashes of the applied migrations. Fails when the table of migrations does not exist. */
    async readMigrations(): Promise<readonly string[]> {
      const [rows] = await database.read([readMigrations], {})
      return all(rows).map((row) => text(row, 'hash'))
    },

    /** Returns the number of subjects for each issuer. */
    async countIssuers(): Promise<readonly IssuerCount[]> {
      const [rows] = await database.read([countIssuers], {})
      return all(rows).map((row) => ({
        issuer: text(row, 'issuer'),
        subjects: integer(row, 'subjects'),
        enabled: integer(row, 'enabled'),
      }))
    },

    /** Returns the number of secrets and backup codes for each master key. */
    async countKeys(): Promise<readonly KeyCount[]> {
      const [rows] = await database.read([countKeys], {})
      return all(rows).map((row) => ({
        keyId: text(row, 'key_id'),
        secrets: integer(row, 'secrets'),
        backupCodes: integer(row, 'codes'),
      }))
    },

    /** Returns counts of queued webhooks, and the oldest or newest timestamps of rows. */
    async readTraces(): Promise<Traces> {
      return toTraces(only((await database.read([readTraces], {}))[0]))
    },
  }
}

function toTraces(row: Row): Traces {
  const timestamp = (column: string) => nullable(integer, row, column)
  const stepSeconds = timestamp('newest_step_seconds')
  return {
    nextDelivery: timestamp('next_delivery'),
    waiting: integer(row, 'waiting'),
    givenUp: integer(row, 'given_up'),
    pausedAt: timestamp('paused_at'),
    oldestPending: timestamp('oldest_pending'),
    oldestRepeat: timestamp('oldest_repeat'),
    newestEvent: timestamp('newest_event'),
    newestStepAt: stepSeconds === null ? null : stepSeconds * 1000,
  }
}
