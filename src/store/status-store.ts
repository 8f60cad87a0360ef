import type { EventRecord, EventType } from '../core/events.ts'
import type { ActiveAuthenticator, MfaStatus } from '../core/status.ts'
import type { Subject } from '../core/subject.ts'
import type { Database, Row } from './database.ts'
import { all, integer, nullable, only, text } from './rows.ts'
import * as sql from './statements.ts'

/** What is read about a subject, and the name of an authenticator. */
export function statusStore(database: Database) {
  return {
    /** What there is of a subject; a subject nobody has seen is one with MFA off. */
    async readStatus(subject: Subject, options: { now: number; keyIds: readonly string[] }): Promise<MfaStatus> {
      const args = { ...subject, now: options.now, keyIds: JSON.stringify(options.keyIds) }
      const statements = [sql.readSubject, sql.readAuthenticators, sql.readPending, sql.countBackupCodes]
      const [found, authenticators, pending, codes] = await database.read(statements, args)
      return toStatus({ found: only(found), authenticators, pending: pending?.[0], codes: only(codes) })
    },

    /** Events with a sequence below `before`, newest first. */
    async readEvents(subject: Subject, page: { before: number; limit: number }): Promise<readonly EventRecord[]> {
      const [rows] = await database.read([sql.readEvents], { ...subject, ...page })
      return all(rows).map(toEvent)
    },

    /** Renames an active authenticator; undefined when the subject has none with that id. */
    async renameAuthenticator(
      subject: Subject,
      options: { authenticatorId: string; name: string },
    ): Promise<ActiveAuthenticator | undefined> {
      const [rows] = await database.write([sql.renameAuthenticator], { ...subject, ...options })
      return rows?.[0] && toAuthenticator(rows[0])
    },

    /** Asks the database for a sign of life. */
    async ping(): Promise<void> {
      only((await database.read([sql.ping], {}))[0])
    },
  }
}

function toStatus(rows: {
  found: Row
  authenticators: readonly Row[] | undefined
  pending: Row | undefined
  codes: Row
}): MfaStatus {
  const { found, pending, codes } = rows
  return {
    enabledAt: nullable(integer, found, 'enabled_at'),
    pendingExpiresAt: pending ? integer(pending, 'expires_at') : null,
    authenticators: all(rows.authenticators).map(toAuthenticator),
    backupCodes: { total: integer(codes, 'total'), remaining: integer(codes, 'remaining') },
    failures: integer(found, 'failures'),
    retryAt: nullable(integer, found, 'retry_at'),
    unlockedAt: nullable(integer, found, 'unlocked_at'),
  }
}

function toAuthenticator(row: Row): ActiveAuthenticator {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    createdAt: integer(row, 'created_at'),
    lastUsedAt: nullable(integer, row, 'last_used_at'),
  }
}

function toEvent(row: Row): EventRecord {
  return {
    sequence: integer(row, 'sequence'),
    id: text(row, 'id'),
    type: text(row, 'type') as EventType,
    at: integer(row, 'at'),
    authenticatorId: nullable(text, row, 'authenticator_id'),
    country: nullable(text, row, 'country'),
    byAdministrator: integer(row, 'by_administrator') === 1,
  }
}
