import { and, count, eq, gt, isNull, lt, lte, max, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { ProvenOperation } from '../core/operations.ts'
import { BLOCKING_FAILURES, LONGEST_WAIT_MS, WAITS } from '../core/throttle.ts'
import {
  type ClaimArgs,
  claimedSubjectId,
  isSubject,
  type NewClaimArgs,
  ofSubject,
  type PreconditionArgs,
  precondition,
  type SubjectArgs,
} from './claim.ts'
import { integer, nullableInteger } from './rows.ts'
import { authenticator, subject } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'

/* The throttle of a subject: two columns of its row, and the counter of failed attempts beside them. */

type Kind = ProvenOperation['kind']

/** The failed attempts without one that was charged. */
export const ONE_ATTEMPT_LESS = sql`max(${subject.failedAttempts} - 1, 0)`

/** The columns of a subject whose throttle is cleared. */
export const CLEARED_THROTTLE = { failures: 0, retryAt: null }

/** Cuts a wait that a wrong clock stored far ahead to the longest one there is. */
export const clampWait = statement((arg: Arg<SubjectArgs & { now: number }>) => {
  const latest = sql`${arg('now')} + ${LONGEST_WAIT_MS}`
  return db
    .update(subject)
    .set({ retryAt: latest })
    .where(and(isSubject(arg), gt(subject.retryAt, latest)))
})

/** Counts a failure before the code is evaluated, and starts its wait. */
export const charge = mapKinds((kind) =>
  statement((arg: Arg<PreconditionArgs & { now: number }>) =>
    db
      .update(subject)
      .set({
        failures: sql`${subject.failures} + 1`,
        failedAttempts: sql`${subject.failedAttempts} + 1`,
        retryAt: retryAfterFailure(arg('now')),
      })
      .where(
        and(
          isSubject(arg),
          lt(subject.failures, BLOCKING_FAILURES),
          or(isNull(subject.retryAt), lte(subject.retryAt, arg('now'))),
          precondition(kind, arg),
        ),
      )
      .returning({ id: subject.id }),
  ),
)

/** When the next attempt may be made, if this one fails: the table of waits of core, as SQL. */
function retryAfterFailure(now: SQLWrapper): SQL {
  const cases = WAITS.map(
    ({ failures, waitMs }) => sql`WHEN ${subject.failures} + 1 >= ${failures} THEN ${now} + ${waitMs}`,
  )
  return sql`CASE ${sql.join(cases, sql` `)} END`
}

/** Returns one row, also for an unknown subject. */
export const readThrottle = statement((arg: Arg<SubjectArgs>) => {
  const active = db
    .select({ active: count() })
    .from(authenticator)
    .where(and(ofSubject(authenticator, arg), eq(authenticator.state, 'active')))
  return db
    .select({
      failures: integer(sql`coalesce(${max(subject.failures)}, 0)`),
      failedAttempts: integer(sql`coalesce(${max(subject.failedAttempts)}, 0)`),
      retryAt: nullableInteger(max(subject.retryAt)),
      active: integer(sql`${active}`),
    })
    .from(subject)
    .where(isSubject(arg))
})

/** Clears the failed attempts that a successful challenge has reported. */
export const clearFailedAttempts = statement((arg: Arg<ClaimArgs>) =>
  db
    .update(subject)
    .set({ failedAttempts: 0 })
    .where(eq(subject.id, claimedSubjectId(arg))),
)

/**
 * Takes a charge back, and the wait that it started. While no key opens the subject's secrets no code is evaluated, so a
 * refund makes no guess free.
 */
export const refundCharge = statement((arg: Arg<SubjectArgs>) =>
  db
    .update(subject)
    .set({ failures: sql`max(${subject.failures} - 1, 0)`, failedAttempts: ONE_ATTEMPT_LESS, retryAt: null })
    .where(isSubject(arg)),
)

/** Claims the subject for the event of a failure that was charged already; a batch that arrives twice claims it once. */
export const claimThrottleEvent = statement((arg: Arg<NewClaimArgs>) =>
  db
    .update(subject)
    .set({ claim: sql`${arg('claim')}`, eventSequence: sql`${subject.eventSequence} + ${arg('eventCount')}` })
    .where(and(isSubject(arg), sql`${subject.claim} IS NOT ${arg('claim')}`)),
)

/** One value for each kind of operation that a proof authorises. */
export function mapKinds<Value>(make: (kind: Kind) => Value): Record<Kind, Value> {
  return {
    challenge: make('challenge'),
    'setup-another': make('setup-another'),
    'regenerate-backup-codes': make('regenerate-backup-codes'),
    disable: make('disable'),
    'remove-authenticator': make('remove-authenticator'),
  }
}
