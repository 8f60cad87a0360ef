import type { Row } from '@libsql/client/http'
import type { Activation, EnrollmentAttempt, EnrollmentSnapshot, NewAuthenticator } from '../core/enrollment.ts'
import type { RequestContext } from '../core/events.ts'
import type { Subject } from '../core/subject.ts'
import { type Arguments, type Database, newClaim } from './database.ts'
import type { Recorder } from './recorder.ts'
import { hasRow, integer, nullable, only, text, totpParameters } from './rows.ts'
import * as sql from './statements.ts'

/** What happens between `setup` and the answer of `verify`. */
export function enrollmentStore(database: Database, recorder: Recorder) {
  return {
    /** Puts a pending authenticator in the place of any earlier one. False, and nothing done, while MFA is on. */
    async startEnrollment(subject: Subject, authenticator: NewAuthenticator): Promise<boolean> {
      const statements = [sql.winFirstSetup, sql.dropWonPending, sql.insertPending, sql.recordKeyUse]
      const args = { ...subject, ...pendingArguments(authenticator), won: newClaim() }
      const [won] = await database.write(statements, args)
      return hasRow(won)
    },

    /** Drops the pending authenticator, if there is one. */
    async cancelEnrollment(subject: Subject): Promise<void> {
      await database.write([sql.dropPending], subject)
    },

    /** Counts an attempt at `verify` where there is something to attempt, and answers what is needed to judge it. */
    async chargeEnrollment(
      subject: Subject,
      options: { attempt: EnrollmentAttempt; now: number },
    ): Promise<EnrollmentSnapshot> {
      const args = { ...subject, now: options.now, attempt: JSON.stringify(options.attempt) }
      const statements = [sql.dropStaleRepeat, sql.chargeRepeat, sql.chargePending, sql.readEnrollment]
      const [, repeat, pending, state] = await database.write(statements, args)
      return toSnapshot({ repeat: repeat?.[0], pending: pending?.[0], state: only(state) })
    },

    /**
     * Turns the pending authenticator active with all that belongs to it. When another request changed the subject
     * since, nothing is done and the answer kept by that other request comes back, if there is one.
     */
    async activate(
      subject: Subject,
      options: { activation: Activation; context: RequestContext },
    ): Promise<{ won: true } | { won: false; sealedRepeat: string | undefined }> {
      const args = { ...subject, ...options.context, ...activationArguments(options.activation), won: newClaim() }
      const results = await database.write([...ACTIVATE, ...recorder.queue, sql.readRepeat], args)
      if (hasRow(results[0])) {
        recorder.note()
        return { won: true }
      }
      const repeat = results.at(-1)?.[0]
      return { won: false, sealedRepeat: repeat && text(repeat, 'sealed') }
    },

    /** Takes back what a right repeat of `verify` was charged. False when the kept answer is gone by now. */
    async settleRepeat(
      subject: Subject,
      options: { sealedRepeat: string; attempt: EnrollmentAttempt; now: number },
    ): Promise<boolean> {
      const { sealedRepeat, now } = options
      const args = { ...subject, sealedRepeat, now, attempt: JSON.stringify(options.attempt) }
      const [refunded] = await database.write([sql.refundRepeat, sql.refundPending], args)
      return hasRow(refunded)
    },
  }
}

const ACTIVATE = [
  sql.winActivation,
  sql.activatePending,
  sql.insertBackupCodes,
  sql.recordKeyUse,
  sql.keepRepeat,
  sql.insertEvents,
]

/** What the statement that inserts a pending authenticator takes. */
export function pendingArguments({ id, createdAt, parameters, ...rest }: NewAuthenticator): Arguments {
  return { authenticatorId: id, now: createdAt, ...rest, ...parameters }
}

function activationArguments({ first, event, backupCodes, ...rest }: Activation): Arguments {
  const room = first ? sql.ROOM.first : sql.ROOM.further
  const events = { events: JSON.stringify([event]), eventNumbers: 1 }
  return { ...rest, ...room, ...events, backupCodes: JSON.stringify(backupCodes) }
}

function toSnapshot(rows: { repeat: Row | undefined; pending: Row | undefined; state: Row }): EnrollmentSnapshot {
  const { repeat, pending, state } = rows
  return {
    pending: pending && {
      id: text(pending, 'id'),
      sealed: text(pending, 'sealed'),
      parameters: totpParameters(pending),
      attempts: JSON.parse(text(pending, 'attempts')) as readonly EnrollmentAttempt[],
    },
    pendingFault: (nullable(text, state, 'fault') ?? 'none') as EnrollmentSnapshot['pendingFault'],
    sealedRepeat: repeat && text(repeat, 'sealed'),
    activeAuthenticators: integer(state, 'active'),
  }
}
