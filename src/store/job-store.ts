import type { Row } from '@libsql/client/http'
import type { SealedChange, SealedSecret } from '../core/authenticator.ts'
import type { Database } from './database.ts'
import * as sql from './job-statements.ts'
import { integer, text, totpParameters } from './rows.ts'

type Run = { readonly now: number; readonly limit: number }
type SubjectsRun = Run & { readonly keyId: string; readonly requestId: string }

/** What the jobs do; every method is bounded by its `limit` and safe to run twice at once. */
export function jobStore(database: Database, options: { readonly outbox: boolean }) {
  async function tellSubjects(
    work: typeof sql.voidBackupCodes,
    args: SubjectsRun & { eventType: string; reason: string | null },
  ) {
    const queue = options.outbox ? [work.queue] : []
    const results = await database.write([...work.tell, ...queue, ...work.end], args)
    return new Set((results.at(-1) ?? []).map((row) => integer(row, 'subject_id'))).size
  }

  return {
    /** Deletes what has expired, and events from before `retainedFrom`. */
    async cleanUp(run: Run & { readonly retainedFrom: number }): Promise<void> {
      await database.write([sql.purgePending, sql.purgeRepeats, sql.purgeOutbox, sql.purgeEvents], run)
    },

    /** Secrets that are sealed under one of these keys. */
    async readOldSecrets(run: { oldKeyIds: readonly string[]; limit: number }): Promise<readonly SealedSecret[]> {
      const args = { oldKeyIds: JSON.stringify(run.oldKeyIds), limit: run.limit }
      const [rows] = await database.read([sql.readOldSecrets], args)
      return (rows ?? []).map(toSealedSecret)
    },

    /** Replaces envelopes that nobody changed since they were read. */
    async replaceSealed(change: { changes: readonly SealedChange[]; keyId: string }): Promise<void> {
      const args = { changes: JSON.stringify(change.changes), keyId: change.keyId }
      await database.write([sql.replaceSealed, sql.insertKeyUses], args)
    },

    /** The key ids of backup codes that are neither used nor void. */
    async readBackupCodeKeys(): Promise<readonly string[]> {
      const [rows] = await database.read([sql.readBackupCodeKeys], {})
      return (rows ?? []).map((row) => text(row, 'id'))
    },

    /** Tells subjects that their backup codes under a key that is gone are void. Answers how many. */
    voidBackupCodes: (run: SubjectsRun): Promise<number> =>
      tellSubjects(sql.voidBackupCodes, { ...run, eventType: 'backup_codes.void', reason: null }),

    /** Turns MFA off for subjects of whom anything was ever under a compromised key. Answers how many. */
    resetCompromised: (run: SubjectsRun): Promise<number> =>
      tellSubjects(sql.resetCompromised, { ...run, eventType: 'mfa.revoked', reason: 'master key compromised' }),
  }
}

function toSealedSecret(row: Row): SealedSecret {
  const subject = { issuer: text(row, 'issuer'), sub: text(row, 'sub') }
  const identity = { subject, authenticatorId: text(row, 'id'), parameters: totpParameters(row) }
  return { subjectId: integer(row, 'subject_id'), sealed: text(row, 'sealed'), identity }
}
