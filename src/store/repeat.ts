import { and, count, eq, gt, gte, lt, lte, or, sql } from 'drizzle-orm'
import { REPEAT_ATTEMPTS } from '../core/repeat.ts'
import { type ClaimArgs, claimedSubjectId, ofClaimed, ofSubject, type SubjectArgs } from './claim.ts'
import { condition } from './rows.ts'
import { subject, verifyRepeat } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'
import { insertSelect, jsonValues } from './templates.ts'

/* The kept answer of `verify`, for a client that lost it. */

/** Erases a kept answer that is too old, or that too many other attempts were made beside. */
export const deleteStaleRepeat = statement((arg: Arg<SubjectArgs & { now: number }>) =>
  db
    .delete(verifyRepeat)
    .where(
      and(
        ofSubject(verifyRepeat, arg),
        or(lte(verifyRepeat.expiresAt, arg('now')), gte(verifyRepeat.attempts, REPEAT_ATTEMPTS)),
      ),
    ),
)

/** Charges the kept answer. A right repeat is recognised by its mark and costs nothing, however many arrive at once. */
export const chargeRepeat = statement((arg: Arg<SubjectArgs & { marks: string }>) =>
  db
    .update(verifyRepeat)
    .set({ attempts: sql`${verifyRepeat.attempts} + (${verifyRepeat.mark} NOT IN ${jsonValues(arg('marks'))})` })
    .where(ofSubject(verifyRepeat, arg))
    .returning({ sealed: verifyRepeat.sealed }),
)

type RepeatArgs = { readonly sealed: string; readonly mark: string; readonly expiresAt: number }

/** Keeps an answer for the claimed subject. */
export const keepRepeat = statement((arg: Arg<ClaimArgs & RepeatArgs>) =>
  insertSelect(verifyRepeat, {
    columns: { subjectId: subject.id, sealed: arg('sealed'), mark: arg('mark'), expiresAt: arg('expiresAt') },
    from: sql`FROM ${subject} WHERE ${eq(subject.id, claimedSubjectId(arg))}`,
  }),
)

/** The kept answer that a request may give which lost against a copy of itself. */
export const readRepeat = statement((arg: Arg<SubjectArgs & { now: number }>) =>
  db
    .select({ sealed: verifyRepeat.sealed })
    .from(verifyRepeat)
    .where(
      and(
        ofSubject(verifyRepeat, arg),
        gt(verifyRepeat.expiresAt, arg('now')),
        lt(verifyRepeat.attempts, REPEAT_ATTEMPTS),
      ),
    ),
)

/** Whether the kept answer of a right repeat is still there. Returns one row. */
export const confirmKept = statement((arg: Arg<SubjectArgs & { now: number; sealed: string }>) =>
  db
    .select({ kept: condition(count()) })
    .from(verifyRepeat)
    .where(
      and(ofSubject(verifyRepeat, arg), eq(verifyRepeat.sealed, arg('sealed')), gt(verifyRepeat.expiresAt, arg('now'))),
    ),
)

/** Erases the kept answer of `verify`. */
export const forgetRepeat = statement((arg: Arg<ClaimArgs>) =>
  db.delete(verifyRepeat).where(ofClaimed(verifyRepeat, arg)),
)
