import { asc, type SQL, sql, sum } from 'drizzle-orm'
import { integer } from '../../src/store/rows.ts'
import { authenticator, backupCode } from '../../src/store/schema.ts'
import { db, type Statement, statement } from '../../src/store/statement.ts'

/** Secrets and backup codes under one master key. */
export type KeyCount = { readonly keyId: string; readonly secrets: number; readonly backupCodes: number }

/** Defines the statement that counts secrets and backup codes by key id, those that the conditions select. */
export function countByKey(counted: {
  readonly secrets?: SQL | undefined
  readonly backupCodes: SQL | undefined
}): Statement<Record<never, never>, KeyCount> {
  return statement(() => {
    const secrets = db
      .select({ keyId: authenticator.keyId, secrets: sql`1`.as('secrets'), backupCodes: sql`0`.as('backup_codes') })
      .from(authenticator)
      .where(counted.secrets)
    const codes = db
      .select({ keyId: backupCode.keyId, secrets: sql`0`.as('secrets'), backupCodes: sql`1`.as('backup_codes') })
      .from(backupCode)
      .where(counted.backupCodes)
    const keys = secrets.unionAll(codes).as('keys')
    return db
      .select({ keyId: keys.keyId, secrets: integer(sum(keys.secrets)), backupCodes: integer(sum(keys.backupCodes)) })
      .from(keys)
      .groupBy(keys.keyId)
      .orderBy(asc(keys.keyId))
  })
}
