import { and, between, count, eq, exists, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core'
import { OPERATIONS, type OperationKind } from '../core/operations.ts'
import type { Subject } from '../core/subject.ts'
import { condition } from './rows.ts'
import { authenticator, subject } from './schema.ts'
import { type Arg, type Arguments, db, type Statement, statement } from './statement.ts'

/*
 * The guard of every write. A batch stops at an error, but not at a statement that changes no row, so its first
 * statement claims the subject: where all conditions hold, it stamps a fresh random value into the subject's row. Later
 * statements find the subject only through that claim, so a lost race writes nothing.
 */

/** Arguments that name a subject. */
export type SubjectArgs = Subject
/** Arguments of the statements after a claim. */
export type ClaimArgs = SubjectArgs & { readonly claim: string }
/** Arguments of the rules of an operation. */
export type PreconditionArgs = SubjectArgs & {
  /** The authenticator that the operation names. */
  readonly authenticatorId: string | null
}
/** Arguments of a claim. */
export type NewClaimArgs = ClaimArgs &
  PreconditionArgs & {
    readonly now: number
    /** Sequence numbers that the events of the batch take. */
    readonly eventCount: number
  }

/** A fresh random UUID, by which the statements of one batch find the subject that the first one claimed. */
export function newClaim(): string {
  return crypto.randomUUID()
}

/** The condition that selects the row of a subject. */
export function isSubject(arg: Arg<SubjectArgs>): SQL | undefined {
  return and(eq(subject.issuer, arg('issuer')), eq(subject.sub, arg('sub')))
}

/** The local id of a subject, as a subquery. */
function subjectId(arg: Arg<SubjectArgs>): SQLWrapper {
  return db.select({ id: subject.id }).from(subject).where(isSubject(arg))
}

/** The local id of the subject that this batch claimed, as a subquery; no row where the claim was lost. */
export function claimedSubjectId(arg: Arg<ClaimArgs>): SQLWrapper {
  return db
    .select({ id: subject.id })
    .from(subject)
    .where(and(isSubject(arg), eq(subject.claim, arg('claim'))))
}

/** The condition that a row belongs to the subject. */
export function ofSubject(table: { readonly subjectId: SQLiteColumn }, arg: Arg<SubjectArgs>): SQL {
  return eq(table.subjectId, subjectId(arg))
}

/** The condition that a row belongs to the claimed subject. */
export function ofClaimed(table: { readonly subjectId: SQLiteColumn }, arg: Arg<ClaimArgs>): SQL {
  return eq(table.subjectId, claimedSubjectId(arg))
}

/** The condition that an authenticator belongs to the subject of the outer query and is active. */
function isActiveOfSubject(): SQL | undefined {
  return and(eq(authenticator.subjectId, subject.id), eq(authenticator.state, 'active'))
}

/** Whether the batch claimed the subject. The last statement of a batch that begins with a claim. */
export const readClaim = statement((arg: Arg<ClaimArgs>) =>
  db
    .select({ claimed: condition(count()) })
    .from(subject)
    .where(and(isSubject(arg), eq(subject.claim, arg('claim')))),
)

/**
 * Defines the statement that claims a subject for an operation: its rules in `OPERATIONS` hold, and `when` holds.
 * It also reserves the sequence numbers of the events.
 */
export function claimFor<Args extends NewClaimArgs & Arguments>(
  kind: OperationKind,
  options: {
    readonly when?: (arg: Arg<Args>) => SQL | undefined
    readonly set?: (arg: Arg<Args>) => SQLiteUpdateSetSource<typeof subject>
  } = {},
): Statement<Args> {
  return statement((arg: Arg<Args>) =>
    db
      .update(subject)
      .set({
        claim: sql`${arg('claim')}`,
        eventSequence: sql`${subject.eventSequence} + ${arg('eventCount')}`,
        ...(OPERATIONS[kind].raisesGeneration && { generation: sql`${subject.generation} + 1` }),
        ...options.set?.(arg),
      })
      .where(and(isSubject(arg), precondition(kind, arg), options.when?.(arg))),
  )
}

/** The rules of an operation as a condition on the row of the subject. */
export function precondition(kind: OperationKind, arg: Arg<PreconditionArgs>): SQL {
  const { active, namesAuthenticator } = OPERATIONS[kind]
  const [fewest, most] = active
  const activeCount = db.select({ active: count() }).from(authenticator).where(isActiveOfSubject())
  const hasCount = between(activeCount, fewest, most)
  if (!namesAuthenticator) return hasCount
  const named = db
    .select({ id: authenticator.id })
    .from(authenticator)
    .where(and(isActiveOfSubject(), eq(authenticator.id, arg('authenticatorId'))))
  return sql`${hasCount} AND ${exists(named)}`
}
