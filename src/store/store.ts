import type { Row } from '@libsql/client/http'
import type {
  Activation,
  EnrollmentAttempt,
  EnrollmentSnapshot,
  NewAuthenticator,
} from '../core/enrollment.ts'
import type { RequestContext } from '../core/events.ts'
import type { MfaStatus } from '../core/status.ts'
import type { Subject } from '../core/subject.ts'
import type { TotpParameters } from '../core/totp.ts'
import type { Arguments, Database } from './database.ts'
import { integer, nullable, only, text } from './rows.ts'
import * as sql from './statements.ts'

/** The state of all subjects. Every method is one round trip; every write is one transaction, guarded by its first statement. */
export type Store = ReturnType<typeof createStore>

/** The store over a database opened for this request. Its methods throw the problem `unavailable`. */
export function createStore(database: Database) {
  return {
    /** What there is of a subject; a subject nobody has seen is one with MFA off. */
    async readStatus(subject: Subject, options: { now: number; keyIds: readonly string[] }): Promise<MfaStatus> {
      const args = { ...subject, now: options.now, keyIds: JSON.stringify(options.keyIds) }
      const statements = [sql.readSubject, sql.readAuthenticators, sql.readPending, sql.countBackupCodes]
      const [found, authenticators, pending, codes] = await database.read(statements, args)
      return toStatus({ found: found?.[0], authenticators, pending: pending?.[0], codes: only(codes) })
    },

    /** Puts a pending authenticator in the place of any earlier one. False, and nothing done, while MFA is on. */
    async startEnrollment(subject: Subject, authenticator: NewAuthenticator): Promise<boolean> {
      const statements = [sql.winFirstSetup, sql.dropWonPending, sql.insertPending]
      const [won] = await database.write(statements, { ...subject, ...pendingArguments(authenticator), won: newClaim() })
      return hasRow(won)
    },

    /** Drops the pending authenticator, if there is one. */
    async cancelEnrollment(subject: Subject): Promise<void> {
      await database.write([sql.dropPending], subject)
    },

    /** Counts an attempt at `verify` where there is something to attempt, and answers what is needed to judge it. */
    async chargeEnrollment(subject: Subject, options: { attempt: EnrollmentAttempt; now: number }): Promise<EnrollmentSnapshot> {
      const args = { ...subject, now: options.now, attempt: JSON.stringify(options.attempt) }
      const statements = [sql.dropStaleRepeat, sql.chargeRepeat, sql.chargePending, sql.readEnrollment]
      const [, repeat, pending, state] = await database.write(statements, args)
      return toEnrollmentSnapshot({ repeat: repeat?.[0], pending: pending?.[0], state: only(state) })
    },

    /**
     * Turns the pending authenticator active with all that belongs to it. When another request changed the subject
     * since, nothing is done and the answer kept by that other request comes back, if there is one.
     */
    async activate(
      subject: Subject,
      options: { activation: Activation; context: RequestContext },
    ): Promise<{ won: true } | { won: false; sealedRepeat: string | undefined }> {
      const { activation, context } = options
      const statements = [sql.winActivation, sql.activatePending, sql.insertBackupCodes, sql.keepRepeat, sql.insertEvents, sql.readRepeat]
      const args = { ...subject, ...context, ...activationArguments(activation), won: newClaim() }
      const results = await database.write(statements, args)
      if (hasRow(results[0])) return { won: true }
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

    /** Asks the database for a sign of life. */
    async ping(): Promise<void> {
      only((await database.read([sql.ping], {}))[0])
    },
  }
}

function pendingArguments({ id, createdAt, parameters, ...rest }: NewAuthenticator): Arguments {
  return { authenticatorId: id, now: createdAt, ...rest, ...parameters }
}

function activationArguments({ first, event, backupCodes, ...rest }: Activation): Arguments {
  const room = first ? sql.ROOM.first : sql.ROOM.further
  return { ...rest, ...room, backupCodes: JSON.stringify(backupCodes), events: JSON.stringify([event]) }
}

function toStatus(rows: {
  found: Row | undefined
  authenticators: readonly Row[] | undefined
  pending: Row | undefined
  codes: Row
}): MfaStatus {
  const { found, pending, codes } = rows
  return {
    enabledAt: found ? nullable(integer, found, 'enabled_at') : null,
    pendingExpiresAt: pending ? integer(pending, 'expires_at') : null,
    authenticators: (rows.authenticators ?? []).map((row) => ({
      id: text(row, 'id'),
      name: text(row, 'name'),
      createdAt: integer(row, 'created_at'),
      lastUsedAt: nullable(integer, row, 'last_used_at'),
    })),
    backupCodes: { total: integer(codes, 'total'), remaining: integer(codes, 'remaining') },
  }
}

function toEnrollmentSnapshot(rows: { repeat: Row | undefined; pending: Row | undefined; state: Row }): EnrollmentSnapshot {
  const { repeat, pending, state } = rows
  return {
    pending: pending && {
      id: text(pending, 'id'),
      sealed: text(pending, 'sealed'),
      parameters: toParameters(pending),
      attempts: JSON.parse(text(pending, 'attempts')) as readonly EnrollmentAttempt[],
    },
    pendingFault: (nullable(text, state, 'fault') ?? 'none') as EnrollmentSnapshot['pendingFault'],
    sealedRepeat: repeat && text(repeat, 'sealed'),
    activeAuthenticators: integer(state, 'active'),
  }
}

function toParameters(row: Row): TotpParameters {
  const algorithm = text(row, 'algorithm') as TotpParameters['algorithm']
  return { algorithm, digits: integer(row, 'digits'), stepSeconds: integer(row, 'step_seconds') }
}

function newClaim(): string {
  return crypto.randomUUID()
}

function hasRow(rows: readonly Row[] | undefined): boolean {
  return rows !== undefined && rows.length > 0
}
