import type { Factor, MfaEvent, RequestContext } from '../core/events.ts'
import type { ProvenOperation } from '../core/operations.ts'
import type { ProofSnapshot, StepMatch } from '../core/proof.ts'
import type { Subject } from '../core/subject.ts'
import { type Arguments, type Database, newClaim, type Row } from './database.ts'
import { pendingArguments } from './enrollment-store.ts'
import * as proofSql from './proof-statements.ts'
import type { Recorder } from './recorder.ts'
import { all, hasRow, integer, isWon, nullable, only, text, totpParameters, unbelievable } from './rows.ts'
import * as sql from './statements.ts'

/** The part of a proof that is used up: steps of authenticators, or the hashes that a backup code may have. */
export type Use =
  | { readonly factor: 'otp'; readonly matches: readonly StepMatch[] }
  | { readonly factor: 'backup_code'; readonly hashes: readonly string[] }

/** An operation beside the proof that it uses up and the record that it leaves. */
export type ProvenChange = {
  readonly operation: ProvenOperation
  readonly use: Use
  readonly events: readonly MfaEvent[]
  /** The id of the event that tells of few backup codes, should there be one. */
  readonly lowEventId: string
  readonly context: RequestContext
  readonly keyIds: readonly string[]
  readonly now: number
}

/** Operations that a proof authorises. */
export function proofStore(database: Database, recorder: Recorder) {
  return {
    /** Counts an attempt at TOTP where the operation can be done and nothing waits; answers what judging it needs. */
    async chargeProof(subject: Subject, options: { operation: ProvenOperation; now: number }): Promise<ProofSnapshot> {
      const { operation, now } = options
      const charge = proofSql.charge[operation.kind]
      const statements = [proofSql.clampWait, charge, proofSql.readThrottle, proofSql.readActive]
      const results = await database.write(statements, { ...subject, ...operationArguments(operation), now })
      const [, charged, throttle, active] = results
      return toSnapshot({ charged: hasRow(charged), throttle: only(throttle), active })
    },

    /** Does an operation and uses its proof up; where the proof was used by then, or the operation cannot be done, neither. */
    async commitProven(
      subject: Subject,
      change: ProvenChange,
    ): Promise<{ won: true; backupCodesRemaining: number } | { won: false; snapshot: ProofSnapshot }> {
      const { kind } = change.operation
      const { factor } = change.use
      const work = [proofSql.win[factor][kind], proofSql.useUp[factor], ...proofSql.EFFECTS[kind], sql.insertEvents]
      const low = factor === 'backup_code' ? [proofSql.dropRepeat, proofSql.insertLowEvent] : []
      const after = [sql.countBackupCodes, proofSql.readThrottle, proofSql.readActive, sql.readWon]
      const results = await database.write([...work, ...low, ...recorder.queue, ...after], {
        ...subject,
        ...changeArguments(change),
      })
      const [codes, throttle, active] = results.slice(-after.length)
      if (isWon(results)) {
        recorder.note()
        return { won: true, backupCodesRemaining: integer(only(codes), 'remaining') }
      }
      return { won: false, snapshot: toSnapshot({ charged: false, throttle: only(throttle), active }) }
    },

    /** Records that a wait began, or the block. */
    async recordThrottle(
      subject: Subject,
      options: { event: MfaEvent; context: RequestContext; now: number },
    ): Promise<void> {
      const { event, context, now } = options
      const args = { ...subject, ...context, now, events: JSON.stringify([event]), eventNumbers: 1, won: newClaim() }
      await database.write([proofSql.winThrottleEvent, sql.insertEvents, ...recorder.queue], args)
      recorder.note()
    },
  }
}

function changeArguments(change: ProvenChange): Arguments {
  const { operation, use, events, lowEventId, context, keyIds, now } = change
  return {
    ...context,
    ...operationArguments(operation),
    ...(use.factor === 'otp' ? { matches: JSON.stringify(use.matches) } : { hashes: JSON.stringify(use.hashes) }),
    now,
    lowEventId,
    won: newClaim(),
    keyIds: JSON.stringify(keyIds),
    events: JSON.stringify(events),
    eventNumbers: events.length + LOW_EVENT_NUMBERS[use.factor],
  }
}

/** A redeemed backup code may make one event more, which only the database can tell. */
const LOW_EVENT_NUMBERS = { otp: 0, backup_code: 1 } satisfies Record<Factor, number>

function operationArguments(operation: ProvenOperation): Arguments {
  switch (operation.kind) {
    case 'add-authenticator':
      return pendingArguments(operation.authenticator)
    case 'regenerate':
      return { backupCodes: JSON.stringify(operation.backupCodes) }
    case 'remove-authenticator':
      return { authenticatorId: operation.authenticatorId }
    case 'challenge':
    case 'disable':
      return {}
  }
}

function toSnapshot(found: { charged: boolean; throttle: Row; active: readonly Row[] | undefined }): ProofSnapshot {
  const { charged, throttle } = found
  const active = all(found.active)
  if (active.length !== integer(throttle, 'active')) unbelievable('authenticators')
  return {
    charged,
    failures: integer(throttle, 'failures'),
    retryAt: nullable(integer, throttle, 'retry_at'),
    authenticators: active.map((row) => ({
      id: text(row, 'id'),
      sealed: text(row, 'sealed'),
      parameters: totpParameters(row),
      lastStep: integer(row, 'last_step'),
    })),
  }
}
