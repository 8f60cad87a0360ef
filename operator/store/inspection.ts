import { type Database, type Row, statement } from '../../src/store/database.ts'
import { all, integer, nullable, only, text } from '../../src/store/rows.ts'

/*
 * What `npm run doctor` asks of a database. It reads, and changes nothing. These statements may look at every row: they
 * run when somebody waits for them.
 */

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

/** Subjects of one issuer, and how many of them have MFA on. */
export type IssuerCount = { readonly issuer: string; readonly subjects: number; readonly enabled: number }

/** Active secrets under a master key, and backup codes that are neither used nor void. */
export type KeyCount = { readonly keyId: string; readonly secrets: number; readonly backupCodes: number }

/** What the jobs and the clocks left in a database; moments in milliseconds since the epoch, null where there is no row. */
export type Traces = {
  readonly nextDelivery: number | null
  readonly waiting: number
  readonly givenUp: number
  readonly pausedAt: number | null
  readonly oldestPending: number | null
  readonly oldestRepeat: number | null
  readonly newestEvent: number | null
  /** The beginning of the last step that any authenticator accepted. */
  readonly newestStepAt: number | null
}

/** The doctor's view of a database. */
export function inspectionStore(database: Database) {
  return {
    /** The names of all tables and indexes. */
    async readNames(): Promise<ReadonlySet<string>> {
      const [rows] = await database.read([readNames], {})
      return new Set(all(rows).map((row) => text(row, 'name')))
    },

    /** The hashes of the migrations that were applied. There must be a table of them. */
    async readMigrations(): Promise<readonly string[]> {
      const [rows] = await database.read([readMigrations], {})
      return all(rows).map((row) => text(row, 'hash'))
    },

    /** Subjects by issuer. */
    async countIssuers(): Promise<readonly IssuerCount[]> {
      const [rows] = await database.read([countIssuers], {})
      return all(rows).map((row) => ({
        issuer: text(row, 'issuer'),
        subjects: integer(row, 'subjects'),
        enabled: integer(row, 'enabled'),
      }))
    },

    /** What lives under which master key. */
    async countKeys(): Promise<readonly KeyCount[]> {
      const [rows] = await database.read([countKeys], {})
      return all(rows).map((row) => ({
        keyId: text(row, 'key_id'),
        secrets: integer(row, 'secrets'),
        backupCodes: integer(row, 'codes'),
      }))
    },

    /** What the jobs and the clocks left behind. */
    async readTraces(): Promise<Traces> {
      return toTraces(only((await database.read([readTraces], {}))[0]))
    },
  }
}

function toTraces(row: Row): Traces {
  const moment = (column: string) => nullable(integer, row, column)
  const stepSeconds = moment('newest_step_seconds')
  return {
    nextDelivery: moment('next_delivery'),
    waiting: integer(row, 'waiting'),
    givenUp: integer(row, 'given_up'),
    pausedAt: moment('paused_at'),
    oldestPending: moment('oldest_pending'),
    oldestRepeat: moment('oldest_repeat'),
    newestEvent: moment('newest_event'),
    newestStepAt: stepSeconds === null ? null : stepSeconds * 1000,
  }
}
