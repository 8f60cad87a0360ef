import { type Database, statement } from '../../src/store/database.ts'
import { queue, tell } from '../../src/store/job-statements.ts'
import { all, integer, nullable, only } from '../../src/store/rows.ts'

/*
 * Statements of `npm run reconcile-backup`. Codes that were used after the backup was made are unused in it. It is unknown
 * which, so all of them are invalidated. The Worker does not run these statements.
 */

/** How many event numbers are skipped, so that no number from after the backup is used twice. */
const SKIPPED = 1_000

const readPage = statement(`
  SELECT count(*) AS subjects, max(id) AS last FROM (SELECT id FROM subject WHERE id > :after ORDER BY id LIMIT :limit)`)

const countReusable = statement(`
  SELECT
    (SELECT count(*) FROM authenticator WHERE state = 'active') AS authenticators,
    (SELECT count(*) FROM backup_code WHERE used_at IS NULL) AS codes,
    (SELECT count(*) FROM authenticator WHERE state = 'pending') AS pending,
    (SELECT count(*) FROM verify_repeat) AS repeats`)

const OF_PAGE = 'subject_id > :after AND subject_id <= :last'
const OWNERS = `SELECT DISTINCT subject_id FROM backup_code WHERE ${OF_PAGE} AND used_at IS NULL`

const skipNumbers = statement(`
  UPDATE subject SET event_sequence = event_sequence + ${SKIPPED} WHERE id > :after AND id <= :last`)

/** Includes the next time step, whose code may have been accepted from a phone with a fast clock. */
const advanceSteps = statement(`
  UPDATE authenticator SET last_step = max(last_step, :nowSeconds / step_seconds + 1)
  WHERE ${OF_PAGE} AND state = 'active'`)

const dropPending = statement(`DELETE FROM authenticator WHERE ${OF_PAGE} AND state = 'pending'`)
const dropRepeats = statement(`DELETE FROM verify_repeat WHERE ${OF_PAGE}`)
const useCodes = statement(
  `UPDATE backup_code SET used_at = :now WHERE ${OF_PAGE} AND used_at IS NULL RETURNING subject_id`,
)

/** What a restored backup could accept a second time. */
export type Reusable = {
  readonly authenticators: number
  readonly codes: number
  readonly pending: number
  readonly repeats: number
}

/** What `npm run reconcile-backup` reads and changes. */
export function reconcileBackupStore(database: Database) {
  return {
    /** Returns what there is to invalidate. Afterwards, only the number of authenticators is not zero. */
    async countReusable(): Promise<Reusable> {
      const row = only((await database.read([countReusable], {}))[0])
      return {
        authenticators: integer(row, 'authenticators'),
        codes: integer(row, 'codes'),
        pending: integer(row, 'pending'),
        repeats: integer(row, 'repeats'),
      }
    },

    /**
     * Invalidates the codes of at most `limit` subjects after an ID, with an event `backup_codes.void` for each who had
     * unused backup codes. Returns the last ID, or undefined when there are no more subjects. Safe to repeat.
     */
    async invalidatePage(run: {
      after: number
      limit: number
      now: number
      requestId: string
      outbox: boolean
    }): Promise<{ last: number | undefined; subjects: number; codes: number }> {
      const page = only((await database.read([readPage], { after: run.after, limit: run.limit }))[0])
      const last = nullable(integer, page, 'last')
      if (last === null) return { last: undefined, subjects: 0, codes: 0 }
      const { outbox, after, now, requestId } = run
      const events = [...tell(OWNERS), ...(outbox ? [queue(OWNERS)] : [])]
      const results = await database.write([skipNumbers, ...events, advanceSteps, dropPending, dropRepeats, useCodes], {
        after,
        last,
        now,
        requestId,
        nowSeconds: Math.floor(now / 1000),
        eventType: 'backup_codes.void',
        reason: 'restored from a backup',
      })
      return { last, subjects: integer(page, 'subjects'), codes: all(results.at(-1)).length }
    },
  }
}
