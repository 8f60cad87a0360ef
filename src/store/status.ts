import type { SQL, SQLWrapper } from 'drizzle-orm'
import { and, asc, count, eq, gt, inArray, isNull, lt, max, sql } from 'drizzle-orm'
import { PENDING_ATTEMPTS } from '../core/enrollment.ts'
import type { MfaStatus } from '../core/status.ts'
import type { Subject } from '../core/subject.ts'
import { isSubject, type SubjectArgs, subjectId } from './claim.ts'
import type { Database } from './client.ts'
import { integer, nullableInteger, only, text } from './rows.ts'
import { authenticator, backupCode, subject } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'
import { jsonEach, jsonValues } from './templates.ts'

/** What a status tells of an authenticator. */
export const AUTHENTICATOR = {
  id: authenticator.id,
  name: authenticator.name,
  createdAt: authenticator.createdAt,
  lastUsedAt: authenticator.lastUsedAt,
}

/** Returns one row, also for an unknown subject: an empty result is a failure of the database. */
const readSubject = statement((arg: Arg<SubjectArgs>) =>
  db
    .select({
      enabledAt: nullableInteger(max(subject.enabledAt)),
      failures: integer(sql`coalesce(${max(subject.failures)}, 0)`),
      retryAt: nullableInteger(max(subject.retryAt)),
      unlockedAt: nullableInteger(max(subject.unlockedAt)),
    })
    .from(subject)
    .where(isSubject(arg)),
)

const readAuthenticators = statement((arg: Arg<SubjectArgs>) =>
  db
    .select(AUTHENTICATOR)
    .from(authenticator)
    .where(and(eq(authenticator.subjectId, subjectId(arg)), eq(authenticator.state, 'active')))
    .orderBy(asc(authenticator.createdAt), asc(authenticator.id)),
)

const readPending = statement((arg: Arg<SubjectArgs & { now: number }>) =>
  db
    .select({ expiresAt: integer(authenticator.expiresAt) })
    .from(authenticator)
    .innerJoin(subject, eq(subject.id, authenticator.subjectId))
    .where(and(isSubject(arg), eq(authenticator.state, 'pending'), isLive(arg('now')))),
)

/** The condition that a pending authenticator still takes codes; `subject` must be in the query. */
export function isLive(now: SQLWrapper): SQL | undefined {
  return and(
    eq(authenticator.generation, subject.generation),
    gt(authenticator.expiresAt, now),
    lt(sql`json_array_length(${authenticator.attempts})`, PENDING_ATTEMPTS),
  )
}

/** A backup code whose key has left the ring is void, so it is not counted as remaining. */
export const countBackupCodes = statement((arg: Arg<SubjectArgs & { keyIds: string }>) => {
  const isUsable = and(isNull(backupCode.usedAt), inArray(backupCode.keyId, jsonValues(arg('keyIds'))))
  return db
    .select({ total: integer(count()), remaining: integer(sql`count(*) FILTER (WHERE ${isUsable})`) })
    .from(backupCode)
    .where(eq(backupCode.subjectId, subjectId(arg)))
})

/** Returns one row for each requested `sub`, in the order of the request. */
const readEnabled = statement((arg: Arg<{ issuer: string; subs: string }>) => {
  const requested = jsonEach(arg('subs'), 'requested')
  const isRequested = and(eq(subject.issuer, arg('issuer')), eq(subject.sub, requested.value))
  return db
    .select({ sub: text(requested.value), enabledAt: nullableInteger(subject.enabledAt) })
    .from(requested.table)
    .leftJoin(subject, isRequested)
    .orderBy(requested.index)
})

const ping = statement(() => db.select({ pong: integer(sql`1`) }).from(sql`(SELECT 1)`))

/** What is read about a subject. */
export function statusStore(database: Database) {
  return {
    /** The state of a subject's second factor; an unknown subject has MFA off. */
    async readStatus(of: Subject, options: { now: number; keyIds: readonly string[] }): Promise<MfaStatus> {
      const args = { ...of, now: options.now, keyIds: JSON.stringify(options.keyIds) }
      const { found, authenticators, pending, backupCodes } = await database.read({
        found: readSubject(args),
        authenticators: readAuthenticators(args),
        pending: readPending(args),
        backupCodes: countBackupCodes(args),
      })
      const pendingExpiresAt = pending[0]?.expiresAt ?? null
      return { ...only(found), pendingExpiresAt, authenticators, backupCodes: only(backupCodes) }
    },

    /** When MFA was turned on for each `sub` of an issuer, in the order of the request; null while it is off. */
    async readEnabled(of: {
      readonly issuer: string
      readonly subs: readonly string[]
    }): Promise<readonly { readonly sub: string; readonly enabledAt: number | null }[]> {
      const { found } = await database.read({
        found: readEnabled({ issuer: of.issuer, subs: JSON.stringify(of.subs) }),
      })
      return found
    },

    /** Asks the database for a sign of life. */
    async ping(): Promise<void> {
      const { answer } = await database.read({ answer: ping({}) })
      only(answer)
    },
  }
}
