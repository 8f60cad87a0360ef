import {
  and,
  asc,
  eq,
  gt,
  inArray,
  isNull,
  lt,
  lte,
  min,
  notExists,
  or,
  type SQL,
  type SQLWrapper,
  sql,
} from 'drizzle-orm'
import type { SealedChange, SealedSecret } from '../core/authenticator.ts'
import type { EventType } from '../core/events.ts'
import type { Database } from './client.ts'
import { appendEvents, type EventArgs, enqueueDeliveries, type OnQueued } from './events.ts'
import { integer, text } from './rows.ts'
import { authenticator, backupCode, event, keyUse, outbox, subject, verifyRepeat } from './schema.ts'
import { type Arg, type Arguments, type BoundStatement, db, type Statement, statement } from './statement.ts'
import { insertSelect, jsonEach } from './templates.ts'

const ROWID = sql`rowid`

type RunArgs = { readonly now: number; readonly limit: number }
type CleanUpArgs = RunArgs & { readonly retainedFrom: number }

const deleteExpiredPending = statement((arg: Arg<RunArgs>) => {
  const expired = db
    .select({ rowid: ROWID })
    .from(authenticator)
    .where(and(eq(authenticator.state, 'pending'), lte(authenticator.expiresAt, arg('now'))))
    .limit(arg('limit'))
  return db.delete(authenticator).where(inArray(ROWID, expired))
})

const deleteExpiredRepeats = statement((arg: Arg<RunArgs>) => {
  const expired = db
    .select({ subjectId: verifyRepeat.subjectId })
    .from(verifyRepeat)
    .where(lte(verifyRepeat.expiresAt, arg('now')))
    .limit(arg('limit'))
  return db.delete(verifyRepeat).where(inArray(verifyRepeat.subjectId, expired))
})

/** Deletes dead letters, and what was queued for a receiver that is not configured any more. */
const deleteOldDeliveries = statement((arg: Arg<CleanUpArgs>) => {
  const old = db
    .select({ eventId: outbox.eventId })
    .from(outbox)
    .where(
      and(or(isNull(outbox.nextAt), lt(outbox.nextAt, arg('retainedFrom'))), lt(outbox.createdAt, arg('retainedFrom'))),
    )
    .limit(arg('limit'))
  return db.delete(outbox).where(inArray(outbox.eventId, old))
})

/** An event whose delivery waits stays until it is delivered or given up. */
const deleteOldEvents = statement((arg: Arg<CleanUpArgs>) => {
  const isQueued = db.select({ eventId: outbox.eventId }).from(outbox).where(eq(outbox.eventId, event.id))
  const old = db
    .select({ rowid: ROWID })
    .from(event)
    .where(and(lt(event.at, arg('retainedFrom')), notExists(isQueued)))
    .limit(arg('limit'))
  return db.delete(event).where(inArray(ROWID, old))
})

/** Secrets under one key, from a row on: secrets that cannot be opened must not hide the others. */
const readSealed = statement((arg: Arg<{ oldKeyId: string; after: number; limit: number }>) => {
  const rowid = sql`${authenticator}.${ROWID}`
  return db
    .select({
      place: integer(rowid),
      subjectId: authenticator.subjectId,
      id: authenticator.id,
      sealed: authenticator.sealed,
      algorithm: authenticator.algorithm,
      digits: authenticator.digits,
      stepSeconds: authenticator.stepSeconds,
      issuer: subject.issuer,
      sub: subject.sub,
    })
    .from(authenticator)
    .innerJoin(subject, eq(subject.id, authenticator.subjectId))
    .where(and(eq(authenticator.keyId, arg('oldKeyId')), gt(rowid, arg('after'))))
    .orderBy(asc(rowid))
    .limit(arg('limit'))
})

type ResealArgs = { readonly changes: string; readonly keyId: string }

/** Replaces envelopes that are still the ones that were read. */
const replaceSealed = statement((arg: Arg<ResealArgs>) => {
  const change = jsonEach<SealedChange>(arg('changes'), 'change')
  return db
    .update(authenticator)
    .set({ sealed: change.member('sealed'), keyId: sql`${arg('keyId')}` })
    .from(change.table)
    .where(
      and(
        eq(authenticator.subjectId, change.member('subjectId')),
        eq(authenticator.id, change.member('id')),
        eq(authenticator.sealed, change.member('old')),
      ),
    )
})

const recordResealed = statement((arg: Arg<ResealArgs>) => {
  const change = jsonEach<SealedChange>(arg('changes'), 'change')
  return insertSelect(keyUse, {
    columns: { keyId: arg('keyId'), subjectId: change.member('subjectId') },
    from: sql`FROM ${change.table} WHERE true`,
  })
})

/** The condition that a backup code can still be redeemed, as far as the database knows; it is that of an index. */
const isRedeemable = and(isNull(backupCode.usedAt), isNull(backupCode.voidedAt))

/** The key ids of redeemable backup codes. Each is found by one search of the index: a million codes cost no more than ten. */
const readBackupCodeKeys = statement(() => {
  const next = (from?: SQL) =>
    db
      .select({ keyId: min(backupCode.keyId) })
      .from(backupCode)
      .where(and(isRedeemable, from))
  const keys = sql`(WITH RECURSIVE used (id) AS (
    SELECT ${next()} UNION ALL
    SELECT ${next(gt(backupCode.keyId, sql`used.id`))} FROM used WHERE used.id IS NOT NULL)
    SELECT id FROM used WHERE id IS NOT NULL)`
  return db.select({ keyId: text(sql`id`) }).from(keys)
})

/** Reserves a sequence number for each of some subjects, for the event that {@link recordForEach} appends. */
function reserveSequence<Args extends Arguments>(
  subjects: (arg: Arg<Args>) => SQLWrapper,
): Statement<EventArgs & Args> {
  return statement((arg: Arg<EventArgs & Args>) =>
    db
      .update(subject)
      .set({ eventSequence: sql`${subject.eventSequence} + ${arg('eventCount')}` })
      .where(inArray(subject.id, subjects(arg))),
  )
}

/**
 * Defines the statements that append the same events to the record of each of some subjects. The subjects are selected
 * by a condition that a later statement of the batch ends: all statements see the same subjects, and a second run at the
 * same time finds none of them.
 */
export function recordForEach<Args extends Arguments>(subjects: (arg: Arg<Args>) => SQLWrapper) {
  const [reserve, append, enqueue] = [reserveSequence(subjects), appendEvents(subjects), enqueueDeliveries(subjects)]
  return (args: EventArgs & Args, { deliver }: { deliver: boolean }): readonly BoundStatement<never>[] =>
    deliver ? [reserve(args), append(args), enqueue(args)] : [reserve(args), append(args)]
}

type VoidArgs = {
  readonly keyId: string
  readonly settledBefore: number
  readonly limit: number
  readonly codes: number
}

/**
 * Owners of the first void codes in the order of their rows, so that a run reads as few codes however many there are.
 * Ten codes for each owner, a whole set, are enough to find as many owners as a run may notify.
 */
function ownersOfVoidCodes(arg: Arg<VoidArgs>) {
  const codes = db
    .select({ subjectId: backupCode.subjectId })
    .from(backupCode)
    .where(and(eq(backupCode.keyId, arg('keyId')), isRedeemable, lt(backupCode.createdAt, arg('settledBefore'))))
    .orderBy(asc(ROWID))
    .limit(arg('codes'))
    .as('codes')
  return db.selectDistinct({ subjectId: codes.subjectId }).from(codes).orderBy(asc(codes.subjectId)).limit(arg('limit'))
}

const recordVoidCodes = recordForEach(ownersOfVoidCodes)

/** The plus keeps SQLite from reading all codes of the key instead of those of the owners. */
const markVoid = statement((arg: Arg<VoidArgs & { now: number }>) =>
  db
    .update(backupCode)
    .set({ voidedAt: sql`${arg('now')}` })
    .where(
      and(
        sql`+${backupCode.keyId} = ${arg('keyId')}`,
        isRedeemable,
        lt(backupCode.createdAt, arg('settledBefore')),
        inArray(backupCode.subjectId, ownersOfVoidCodes(arg)),
      ),
    )
    .returning({ subjectId: backupCode.subjectId }),
)

/** Codes of a whole set. */
const CODES_PER_OWNER = 10

type Run = { readonly now: number; readonly limit: number }

/** What the jobs do; every method is bounded by its `limit`, and two runs at the same time do no harm. */
export function maintenanceStore(database: Database, onQueued: OnQueued) {
  return {
    /** Deletes what has expired, and events from before `retainedFrom`. */
    async cleanUp(run: Run & { readonly retainedFrom: number }): Promise<void> {
      await database.write({
        pending: deleteExpiredPending(run),
        repeats: deleteExpiredRepeats(run),
        deliveries: deleteOldDeliveries(run),
        events: deleteOldEvents(run),
      })
    },

    /** Secrets that are sealed under a key, in the order of their rows. */
    async readOldSecrets(run: { oldKeyId: string; after: number; limit: number }): Promise<readonly SealedSecret[]> {
      const { found } = await database.read({ found: readSealed(run) })
      return found.map(({ place, subjectId, sealed, issuer, sub, id: authenticatorId, ...parameters }) => {
        const identity = { subject: { issuer, sub }, authenticatorId, parameters }
        return { place, subjectId, sealed, identity }
      })
    },

    /** Replaces envelopes that have not changed since they were read. */
    async replaceSealed(change: { changes: readonly SealedChange[]; keyId: string }): Promise<void> {
      const args = { changes: JSON.stringify(change.changes), keyId: change.keyId }
      await database.write({ replaced: replaceSealed(args), recorded: recordResealed(args) })
    },

    /** The key ids of backup codes that are neither used nor void. */
    async readBackupCodeKeys(): Promise<readonly string[]> {
      const { found } = await database.read({ found: readBackupCodeKeys({}) })
      return found.map(({ keyId }) => keyId)
    },

    /** Marks backup codes under a key that is gone as void, with an event for each owner. Returns how many owners. */
    async voidBackupCodes(
      run: Run & { readonly keyId: string; readonly requestId: string; readonly settledBefore: number },
    ): Promise<number> {
      const args = { ...run, ...eventForEach('backup_codes.void'), codes: run.limit * CODES_PER_OWNER }
      const { voided } = await database.write({
        events: recordVoidCodes(args, { deliver: onQueued !== undefined }),
        voided: markVoid(args),
      })
      return new Set(voided.map(({ subjectId }) => subjectId)).size
    },
  }
}

/** Arguments for one event of the same type for each subject; the database gives each a random id. */
export function eventForEach(type: EventType, reason?: string) {
  return { events: JSON.stringify([{ type, reason }]), eventCount: 1, country: null, service: null, keyIds: '[]' }
}
