import { and, eq, type SQLWrapper, sql } from 'drizzle-orm'
import type { StoredBackupCode } from '../core/backup-codes.ts'
import type { NewAuthenticator } from '../core/enrollment.ts'
import { type Effect, OPERATIONS, type OperationKind } from '../core/operations.ts'
import { type ClaimArgs, claimedSubjectId, ofClaimed } from './claim.ts'
import { forgetRepeat } from './repeat.ts'
import { authenticator, backupCode, keyUse, subject } from './schema.ts'
import { type Arg, type BoundStatement, db, type Statement, statement } from './statement.ts'
import { insertSelect, jsonEach } from './templates.ts'

/** What an operation carries to its effects. */
type Payload = {
  readonly kind?: OperationKind
  /** The authenticator that the operation names. */
  readonly authenticatorId?: string
  /** The step that an activated authenticator has used. */
  readonly step?: number
  /** The name of a renamed authenticator. */
  readonly name?: string
  readonly authenticator?: NewAuthenticator
  readonly backupCodes?: readonly StoredBackupCode[]
}

/** Arguments of the statements that an operation runs after its claim; each statement takes those that it needs. */
export type EffectArgs = ClaimArgs & {
  readonly now: number
  readonly authenticatorId: string | null
  readonly step: number | null
  readonly name: string | null
  /** A JSON array with the pending authenticator, if the operation has one. */
  readonly pending: string
  /** A JSON array of backup codes. */
  readonly backupCodes: string
}

type PendingRow = Omit<NewAuthenticator, 'parameters'> & NewAuthenticator['parameters']

/** The arguments that an operation's effects take from it. */
export function effectArguments({ authenticatorId, step, name, authenticator: added, backupCodes = [] }: Payload) {
  const pending: readonly PendingRow[] = added ? [{ ...added, ...added.parameters }] : []
  return {
    authenticatorId: authenticatorId ?? null,
    step: step ?? null,
    name: name ?? null,
    pending: JSON.stringify(pending),
    backupCodes: JSON.stringify(backupCodes),
  }
}

/** The statements of an operation's effects. They change nothing unless the batch claimed the subject. */
export function effectsOf(kind: OperationKind, args: EffectArgs): readonly BoundStatement<never>[] {
  const { effects, raisesGeneration } = OPERATIONS[kind]
  const statements = effects.flatMap((effect) => EFFECTS[effect])
  return [...(raisesGeneration ? [forgetRepeat] : []), ...statements].map((each) => each(args))
}

const deletePending = statement((arg: Arg<ClaimArgs>) =>
  db.delete(authenticator).where(and(ofClaimed(authenticator, arg), eq(authenticator.state, 'pending'))),
)

const insertPending = statement((arg: Arg<EffectArgs>) => {
  const added = jsonEach<PendingRow>(arg('pending'), 'added')
  return insertSelect(authenticator, {
    columns: {
      subjectId: subject.id,
      id: added.member('id'),
      state: sql`'pending'`,
      name: added.member('name'),
      sealed: added.member('sealed'),
      keyId: added.member('keyId'),
      algorithm: added.member('algorithm'),
      digits: added.member('digits'),
      stepSeconds: added.member('stepSeconds'),
      createdAt: added.member('createdAt'),
      expiresAt: added.member('expiresAt'),
      generation: subject.generation,
    },
    from: fromClaimed(arg, added.table),
  })
})

/** Remembers the master keys that secrets and codes of the subject were ever made under, in case one is compromised. */
const recordKeyUse = statement((arg: Arg<ClaimArgs>) => {
  const ofSecrets = db
    .select({ keyId: authenticator.keyId, subjectId: authenticator.subjectId })
    .from(authenticator)
    .where(ofClaimed(authenticator, arg))
  const ofCodes = db
    .select({ keyId: backupCode.keyId, subjectId: backupCode.subjectId })
    .from(backupCode)
    .where(ofClaimed(backupCode, arg))
  const used = ofSecrets.union(ofCodes).as('used')
  return insertSelect(keyUse, {
    columns: { keyId: used.keyId, subjectId: used.subjectId },
    from: sql`FROM ${used} WHERE true`,
  })
})

const activatePending = statement((arg: Arg<EffectArgs>) =>
  db
    .update(authenticator)
    .set({
      state: 'active',
      lastStep: sql`${arg('step')}`,
      lastUsedAt: sql`${arg('now')}`,
      expiresAt: null,
      generation: null,
      attempts: '[]',
    })
    .where(and(ofClaimed(authenticator, arg), eq(authenticator.id, arg('authenticatorId')))),
)

const deleteBackupCodes = statement((arg: Arg<ClaimArgs>) => db.delete(backupCode).where(ofClaimed(backupCode, arg)))

const insertBackupCodes = statement((arg: Arg<EffectArgs>) => {
  const added = jsonEach<StoredBackupCode>(arg('backupCodes'), 'added')
  return insertSelect(backupCode, {
    columns: {
      subjectId: subject.id,
      hash: added.member('hash'),
      keyId: added.member('keyId'),
      createdAt: arg('now'),
    },
    from: fromClaimed(arg, added.table),
  })
})

const renameAuthenticator = statement((arg: Arg<EffectArgs>) =>
  db
    .update(authenticator)
    .set({ name: sql`${arg('name')}` })
    .where(and(ofClaimed(authenticator, arg), eq(authenticator.id, arg('authenticatorId')))),
)

const deleteAuthenticator = statement((arg: Arg<EffectArgs>) =>
  db.delete(authenticator).where(and(ofClaimed(authenticator, arg), eq(authenticator.id, arg('authenticatorId')))),
)

const deleteAuthenticators = statement((arg: Arg<ClaimArgs>) =>
  db.delete(authenticator).where(ofClaimed(authenticator, arg)),
)

const turnOff = statement((arg: Arg<ClaimArgs>) =>
  db
    .update(subject)
    .set({ enabledAt: null })
    .where(eq(subject.id, claimedSubjectId(arg))),
)

const EFFECTS = {
  'replace-pending': [deletePending, insertPending, recordKeyUse],
  'activate-pending': [activatePending],
  'replace-backup-codes': [deleteBackupCodes, insertBackupCodes, recordKeyUse],
  'delete-pending': [deletePending],
  'rename-authenticator': [renameAuthenticator],
  'delete-authenticator': [deleteAuthenticator],
  'delete-factors': [deleteAuthenticators, deleteBackupCodes, turnOff],
} satisfies Record<Effect, readonly Statement<EffectArgs>[]>

/** The row of the claimed subject, joined with the elements of an argument. */
function fromClaimed(arg: Arg<ClaimArgs>, elements: SQLWrapper) {
  return sql`FROM ${subject}, ${elements} WHERE ${eq(subject.id, claimedSubjectId(arg))}`
}
