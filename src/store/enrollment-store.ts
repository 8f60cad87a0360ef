import type { Activation, EnrollmentAttempt, EnrollmentSnapshot, NewAuthenticator } from '../core/enrollment.ts'
import type { RequestContext } from '../core/events.ts'
import type { Subject } from '../core/subject.ts'
import { type Arguments, type Database, newClaim, type Row } from './database.ts'
import type { Recorder } from './recorder.ts'
import { integer, isWon, nullable, only, text, totpParameters } from './rows.ts'
import * as sql from './statements.ts'

/** What happens between `setup` and the answer of `verify`. */
export function enrollmentStore(database: Database, recorder: Recorder) {
  return {
    /** Puts a pending authenticator in the place of any earlier one. False, and nothing done, while MFA is on. */
    async startEnrollment(subject: Subject, authenticator: NewAuthenticator): Promise<boolean> {
      const statements = [sql.winFirstSetup, sql.dropWonPending, sql.insertPending, sql.recordKeyUse, sql.readWon]
      const args = { ...subject, ...pendingArguments(authenticator), won: newClaim() }
      return isWon(await database.write(statements, args))
    },

    /** Drops the pending authenticator, if there is one. */
    async cancelEnrollment(subject: Subject): Promise<void> {
      await database.write([sql.dropPending], subject)
    },

    /** Counts an attempt at `verify` where there is something to attempt, and answers what is needed to judge it. */
    async chargeEnrollment(
      subject: Subject,
      options: { attempt: EnrollmentAttempt; marks: readonly string[]; now: number },
    ): Promise<EnrollmentSnapshot> {
      const { attempt, marks, now } = options
      const args = { ...subject, now, attempt: JSON.stringify(attempt), marks: JSON.stringify(marks) }
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
      const results = await database.write([...ACTIVATE, ...recorder.queue, sql.readRepeat, sql.readWon], args)
      if (isWon(results)) {
        recorder.note()
        return { won: true }
      }
      const repeat = results.at(-2)?.[0]
      return { won: false, sealedRepeat: repeat && text(repeat, 'sealed') }
    },

    /** Takes back what a right repeat was charged at a pending secret. False when the kept answer is gone by now. */
    async confirmRepeat(
      subject: Subject,
      options: { sealedRepeat: string; attempt: EnrollmentAttempt; now: number },
    ): Promise<boolean> {
      const { sealedRepeat, now } = options
      const args = { ...subject, sealedRepeat, now, attempt: JSON.stringify(options.attempt) }
      const [kept] = await database.write([sql.confirmRepeat, sql.refundPending], args)
      return integer(only(kept), 'kept') === 1
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
