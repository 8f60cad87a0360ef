import { and, asc, count, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../src/store/client.ts'
import { eventForEach, recordForEach } from '../../src/store/events.ts'
import { integer, only } from '../../src/store/rows.ts'
import { authenticator, backupCode, keyUse, subject, verifyRepeat } from '../../src/store/schema.ts'
import { type Arg, db, statement } from '../../src/store/statement.ts'
import { CLEARED_THROTTLE } from '../../src/store/throttle.ts'
import { countByKey, type KeyCount } from './key-counts.ts'

/*
 * Statements of `npm run keys -- status` and `npm run compromise`. The Worker does not run them, and they may scan whole
 * tables.
 */

const countKeys = countByKey({ backupCodes: isNull(backupCode.usedAt) })

type PageArgs = { readonly keyId: string; readonly limit: number }

/** The next subjects that have ever had something under the key. */
function compromised(arg: Arg<PageArgs>) {
  return db
    .select({ subjectId: keyUse.subjectId })
    .from(keyUse)
    .where(eq(keyUse.keyId, arg('keyId')))
    .orderBy(asc(keyUse.subjectId))
    .limit(arg('limit'))
}

const countCompromised = statement((arg: Arg<{ keyId: string }>) =>
  db
    .select({ subjects: integer(count()) })
    .from(keyUse)
    .where(eq(keyUse.keyId, arg('keyId'))),
)

const listCompromised = statement((arg: Arg<PageArgs>) =>
  db
    .select({ issuer: subject.issuer, sub: subject.sub })
    .from(subject)
    .where(inArray(subject.id, compromised(arg)))
    .orderBy(asc(subject.id)),
)

const recordRevocation = recordForEach(compromised)

const turnOff = statement((arg: Arg<PageArgs>) =>
  db
    .update(subject)
    .set({ ...CLEARED_THROTTLE, generation: sql`${subject.generation} + 1`, enabledAt: null })
    .where(inArray(subject.id, compromised(arg))),
)

const deleteAuthenticators = statement((arg: Arg<PageArgs>) =>
  db.delete(authenticator).where(inArray(authenticator.subjectId, compromised(arg))),
)

const deleteBackupCodes = statement((arg: Arg<PageArgs>) =>
  db.delete(backupCode).where(inArray(backupCode.subjectId, compromised(arg))),
)

const deleteRepeats = statement((arg: Arg<PageArgs>) =>
  db.delete(verifyRepeat).where(inArray(verifyRepeat.subjectId, compromised(arg))),
)

/** Runs last: until then all statements see the same subjects, and an interrupted run continues where it stopped. */
const deleteKeyUses = statement((arg: Arg<PageArgs>) =>
  db
    .delete(keyUse)
    .where(and(eq(keyUse.keyId, arg('keyId')), inArray(keyUse.subjectId, compromised(arg))))
    .returning({ subjectId: keyUse.subjectId }),
)

/** What an operator reads and changes about master keys. */
export function masterKeyStore(database: Database) {
  return {
    /** Sealed secrets and unused backup codes by key id. */
    async countKeys(): Promise<readonly KeyCount[]> {
      return (await database.read({ counts: countKeys({}) })).counts
    },

    /** How many subjects ever had something under a key, and the first of them. */
    async listCompromised(page: PageArgs): Promise<{ subjects: number; first: readonly string[] }> {
      const { counted, found } = await database.read({ counted: countCompromised(page), found: listCompromised(page) })
      return { ...only(counted), first: found.map(({ issuer, sub }) => `${issuer} ${sub}`) }
    },

    /** Turns MFA off for the next subjects that ever had something under a key, with an event each. Returns how many. */
    async resetCompromised(run: PageArgs & { now: number; requestId: string; outbox: boolean }): Promise<number> {
      const { outbox: deliver, ...page } = run
      const args = { ...page, ...eventForEach('mfa.revoked', 'master key compromised') }
      const { reset } = await database.write({
        events: recordRevocation(args, { deliver }),
        subjects: turnOff(args),
        authenticators: deleteAuthenticators(args),
        backupCodes: deleteBackupCodes(args),
        repeats: deleteRepeats(args),
        reset: deleteKeyUses(args),
      })
      return reset.length
    },
  }
}
