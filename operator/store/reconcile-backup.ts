import { type Database, statement } from '../../src/store/database.ts'
import { queue, tell } from '../../src/store/job-statements.ts'
import { all, integer, nullable, only } from '../../src/store/rows.ts'

/*
 * What closes a restored backup before the service uses it. A backup has steps and backup codes unused that were used
 * after it was made; nobody can tell which, so all are closed.
 */

/** Numbers of events that are left out, so that none that was given since the backup is given again. */
const SKIPPED = 1_000

const readPage = statement(`
  SELECT count(*) AS subjects, max(id) AS last FROM (SELECT id FROM subject WHERE id > :after ORDER BY id LIMIT :limit)`)

const countOpen = statement(`
  SELECT
    (SELECT count(*) FROM authenticator WHERE state = 'active') AS authenticators,
    (SELECT count(*) FROM backup_code WHERE used_at IS NULL) AS codes,
    (SELECT count(*) FROM authenticator WHERE state = 'pending') AS pending,
    (SELECT count(*) FROM verify_repeat) AS repeats`)

const OF_PAGE = 'subject_id > :after AND subject_id <= :last'
const OWNERS = `SELECT DISTINCT subject_id FROM backup_code WHERE ${OF_PAGE} AND used_at IS NULL`

const skipNumbers = statement(`
  UPDATE subject SET event_sequence = event_sequence + ${SKIPPED} WHERE id > :after AND id <= :last`)

/** One step ahead of the present one too: its code may have been accepted from a phone that is ahead. */
const closeSteps = statement(`
  UPDATE authenticator SET last_step = max(last_step, :nowSeconds / step_seconds + 1)
  WHERE ${OF_PAGE} AND state = 'active'`)

const dropPending = statement(`DELETE FROM authenticator WHERE ${OF_PAGE} AND state = 'pending'`)
const dropRepeats = statement(`DELETE FROM verify_repeat WHERE ${OF_PAGE}`)
const useCodes = statement(
  `UPDATE backup_code SET used_at = :now WHERE ${OF_PAGE} AND used_at IS NULL RETURNING subject_id`,
)

/** What a restored backup leaves open. */
export type Open = {
  readonly authenticators: number
  readonly codes: number
  readonly pending: number
  readonly repeats: number
}

/** The view of a restored database. */
export function reconcileBackupStore(database: Database) {
  return {
    /** How much there is to close; after it was closed, only the authenticators are left. */
    async countOpen(): Promise<Open> {
      const row = only((await database.read([countOpen], {}))[0])
      return {
        authenticators: integer(row, 'authenticators'),
        codes: integer(row, 'codes'),
        pending: integer(row, 'pending'),
        repeats: integer(row, 'repeats'),
      }
    },

    /**
     * Closes some subjects from an id on, with an event `backup_codes.void` for each who had unused codes. Answers the
     * last id that was looked at, undefined when there is none any more. May be done again: it closes what is left.
     */
    async closePage(run: {
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
      const told = [...tell(OWNERS), ...(outbox ? [queue(OWNERS)] : [])]
      const results = await database.write([skipNumbers, ...told, closeSteps, dropPending, dropRepeats, useCodes], {
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
