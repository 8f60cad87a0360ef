import { and, asc, count, eq, gt, isNull, lte, max, type SQLWrapper, sql } from 'drizzle-orm'
import type { Database } from '../../src/store/client.ts'
import { eventForEach, recordForEach } from '../../src/store/events.ts'
import { integer, nullableInteger, only } from '../../src/store/rows.ts'
import { authenticator, backupCode, subject, verifyRepeat } from '../../src/store/schema.ts'
import { type Arg, db, statement } from '../../src/store/statement.ts'

/*
 * Statements of `npm run reconcile-backup`, which invalidates what a restored backup makes usable again. The backup shows
 * steps and backup codes as unused that were used after it was made. It does not show which, so all of them are invalidated.
 */

/** Sequence numbers of events that are skipped, so that none that was given since the backup is given again. */
const SKIPPED = 1_000

const readPage = statement((arg: Arg<{ after: number; limit: number }>) => {
  const page = db
    .select({ id: subject.id })
    .from(subject)
    .where(gt(subject.id, arg('after')))
    .orderBy(asc(subject.id))
    .limit(arg('limit'))
    .as('page')
  return db.select({ subjects: integer(count()), last: nullableInteger(max(page.id)) }).from(page)
})

const countAuthenticators = statement(() => {
  const { state } = authenticator
  return db
    .select({
      authenticators: integer(sql`count(*) FILTER (WHERE ${eq(state, 'active')})`),
      pending: integer(sql`count(*) FILTER (WHERE ${eq(state, 'pending')})`),
    })
    .from(authenticator)
})

const countCodes = statement(() =>
  db
    .select({ codes: integer(count()) })
    .from(backupCode)
    .where(isNull(backupCode.usedAt)),
)

const countRepeats = statement(() => db.select({ repeats: integer(count()) }).from(verifyRepeat))

type PageArgs = { readonly after: number; readonly last: number }

/** The condition that a subject is on the page. */
function isOnPage(id: SQLWrapper, arg: Arg<PageArgs>) {
  return and(gt(id, arg('after')), lte(id, arg('last')))
}

function ownersOfUnusedCodes(arg: Arg<PageArgs>) {
  return db
    .selectDistinct({ subjectId: backupCode.subjectId })
    .from(backupCode)
    .where(and(isOnPage(backupCode.subjectId, arg), isNull(backupCode.usedAt)))
}

const recordVoidCodes = recordForEach(ownersOfUnusedCodes)

const skipSequence = statement((arg: Arg<PageArgs>) =>
  db
    .update(subject)
    .set({ eventSequence: sql`${subject.eventSequence} + ${SKIPPED}` })
    .where(isOnPage(subject.id, arg)),
)

/** Closes the next step too: its code may have been accepted from a phone that is ahead. */
const closeSteps = statement((arg: Arg<PageArgs & { nowSeconds: number }>) =>
  db
    .update(authenticator)
    .set({ lastStep: sql`max(${authenticator.lastStep}, ${arg('nowSeconds')} / ${authenticator.stepSeconds} + 1)` })
    .where(and(isOnPage(authenticator.subjectId, arg), eq(authenticator.state, 'active'))),
)

const deletePending = statement((arg: Arg<PageArgs>) =>
  db.delete(authenticator).where(and(isOnPage(authenticator.subjectId, arg), eq(authenticator.state, 'pending'))),
)

const deleteRepeats = statement((arg: Arg<PageArgs>) =>
  db.delete(verifyRepeat).where(isOnPage(verifyRepeat.subjectId, arg)),
)

const useCodes = statement((arg: Arg<PageArgs & { now: number }>) =>
  db
    .update(backupCode)
    .set({ usedAt: sql`${arg('now')}` })
    .where(and(isOnPage(backupCode.subjectId, arg), isNull(backupCode.usedAt)))
    .returning({ subjectId: backupCode.subjectId }),
)

/** What a restored backup makes usable again. */
export type Reusable = {
  readonly authenticators: number
  readonly codes: number
  readonly pending: number
  readonly repeats: number
}

/** What an operator invalidates after a restore. */
export function reconcileBackupStore(database: Database) {
  return {
    /** Returns how much there is to invalidate; afterwards only the authenticators are left. */
    async countReusable(): Promise<Reusable> {
      const { authenticators, codes, repeats } = await database.read({
        authenticators: countAuthenticators({}),
        codes: countCodes({}),
        repeats: countRepeats({}),
      })
      return { ...only(authenticators), ...only(codes), ...only(repeats) }
    },

    /**
     * Invalidates the next page of subjects, with an event `backup_codes.void` for each that had unused codes. Returns the
     * last id of the page, undefined when there is no further page. A second run invalidates what is left.
     */
    async invalidatePage(run: {
      after: number
      limit: number
      now: number
      requestId: string
      outbox: boolean
    }): Promise<{ last: number | undefined; subjects: number; codes: number }> {
      const { outbox: deliver, ...page } = run
      const { found } = await database.read({ found: readPage(page) })
      const { last, subjects } = only(found)
      if (last === null) return { last: undefined, subjects: 0, codes: 0 }
      const event = eventForEach('backup_codes.void', 'restored from a backup')
      const args = { ...page, ...event, last, nowSeconds: Math.floor(run.now / 1000) }
      const { used } = await database.write({
        skipped: skipSequence(args),
        events: recordVoidCodes(args, { deliver }),
        steps: closeSteps(args),
        pending: deletePending(args),
        repeats: deleteRepeats(args),
        used: useCodes(args),
      })
      return { last, subjects, codes: used.length }
    },
  }
}
