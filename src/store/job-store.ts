import type { SealedChange, SealedSecret } from '../core/authenticator.ts'
import type { Database, Row } from './database.ts'
import * as sql from './job-statements.ts'
import { all, integer, nullable, only, text, totpParameters } from './rows.ts'

type Run = { readonly now: number; readonly limit: number }

/** What the jobs do; every method is bounded by its `limit` and safe to run twice at once. */
export function jobStore(database: Database, options: { readonly outbox: boolean }) {
  return {
    /** Deletes what has expired, and events from before `retainedFrom`. */
    async cleanUp(run: Run & { readonly retainedFrom: number }): Promise<void> {
      await database.write([sql.purgePending, sql.purgeRepeats, sql.purgeOutbox, sql.purgeEvents], run)
    },

    /** Secrets that are sealed under a key, in the order of their places. */
    async readOldSecrets(run: { oldKeyId: string; after: number; limit: number }): Promise<readonly SealedSecret[]> {
      const [rows] = await database.read([sql.readOldSecrets], run)
      return all(rows).map(toSealedSecret)
    },

    /** Replaces envelopes that nobody changed since they were read. */
    async replaceSealed(change: { changes: readonly SealedChange[]; keyId: string }): Promise<void> {
      const args = { changes: JSON.stringify(change.changes), keyId: change.keyId }
      await database.write([sql.replaceSealed, sql.insertKeyUses], args)
    },

    /** The key ids of backup codes that are neither used nor void. */
    async readBackupCodeKeys(): Promise<readonly string[]> {
      const [rows] = await database.read([sql.readBackupCodeKeys], {})
      return all(rows).map((row) => text(row, 'id'))
    },

    /** Tells subjects that their backup codes under a key that is gone are void. Answers how many. */
    async voidBackupCodes(
      run: Run & { readonly keyId: string; readonly requestId: string; readonly settledBefore: number },
    ): Promise<number> {
      const { tell, queue, end } = sql.voidBackupCodes
      const statements = [...tell, ...(options.outbox ? [queue] : []), ...end]
      const results = await database.write(statements, { ...run, eventType: 'backup_codes.void', reason: null })
      return new Set(all(results.at(-1)).map((row) => integer(row, 'subject_id'))).size
    },

    /** How many deliveries wait, counted up to `most`, and since when. */
    async measureOutbox(most: number): Promise<{ waiting: number; oldest: number | null }> {
      const row = only((await database.read([sql.measureOutbox], { most }))[0])
      return { waiting: integer(row, 'waiting'), oldest: nullable(integer, row, 'oldest') }
    },
  }
}

function toSealedSecret(row: Row): SealedSecret {
  const subject = { issuer: text(row, 'issuer'), sub: text(row, 'sub') }
  const identity = { subject, authenticatorId: text(row, 'id'), parameters: totpParameters(row) }
  return { place: integer(row, 'place'), subjectId: integer(row, 'subject_id'), sealed: text(row, 'sealed'), identity }
}
