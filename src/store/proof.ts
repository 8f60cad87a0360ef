import { and, asc, count, eq, exists, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Factor, NewEvent, RequestContext } from '../core/events.ts'
import type { OtpAlgorithm } from '../core/hotp.ts'
import { OPERATIONS, type ProvenOperation } from '../core/operations.ts'
import type { ConsumedProof, FactorState, ProofChange, ProofRequest, ProofSnapshot, StepMatch } from '../core/proof.ts'
import type { Subject } from '../core/subject.ts'
import {
  type ClaimArgs,
  claimFor,
  type NewClaimArgs,
  newClaim,
  ofClaimed,
  ofSubject,
  readClaim,
  type SubjectArgs,
} from './claim.ts'
import type { Database } from './client.ts'
import { effectArguments, effectsOf } from './effects.ts'
import { eventArguments, type OnQueued, recordEvents } from './events.ts'
import { forgetRepeat } from './repeat.ts'
import { integer, only, unexpectedResult } from './rows.ts'
import { authenticator, backupCode, subject } from './schema.ts'
import { type Arg, db, type Statement, statement } from './statement.ts'
import { countBackupCodes } from './status.ts'
import { jsonEach, jsonValues } from './templates.ts'
import {
  CLEARED_THROTTLE,
  charge,
  claimThrottleEvent,
  clampWait,
  clearFailedAttempts,
  mapKinds,
  ONE_ATTEMPT_LESS,
  readThrottle,
  refundCharge,
} from './throttle.ts'

type Kind = ProvenOperation['kind']

const readActive = statement((arg: Arg<SubjectArgs>) =>
  db
    .select({
      id: authenticator.id,
      sealed: authenticator.sealed,
      algorithm: authenticator.algorithm,
      digits: authenticator.digits,
      stepSeconds: authenticator.stepSeconds,
      lastStep: integer(authenticator.lastStep),
    })
    .from(authenticator)
    .where(and(ofSubject(authenticator, arg), eq(authenticator.state, 'active')))
    .orderBy(asc(authenticator.createdAt), asc(authenticator.id)),
)

/** Arguments that hold the consumed proof: a JSON array of steps, and one of hashes; one of them is empty. */
type ConsumedArgs = { readonly matches: string; readonly hashes: string }
type ProofArgs = NewClaimArgs & ConsumedArgs

/**
 * Claims the subject while the proof is unused. An accepted proof also clears the throttle, and an accepted TOTP code
 * takes its own charge back from the failed attempts.
 */
const claimByProof = {
  otp: mapKinds((kind) =>
    claimFor<ProofArgs>(kind, {
      when: areStepsUnused,
      set: () => ({ ...CLEARED_THROTTLE, failedAttempts: ONE_ATTEMPT_LESS }),
    }),
  ),
  backup_code: mapKinds((kind) => claimFor<ProofArgs>(kind, { when: isCodeUnused, set: () => CLEARED_THROTTLE })),
} satisfies Record<Factor, Record<Kind, Statement<ProofArgs>>>

/** The condition that each matched step is later than the last one of its authenticator. */
function areStepsUnused(arg: Arg<ProofArgs>): SQL {
  const match = jsonEach<StepMatch>(arg('matches'), 'matched')
  const unused = db
    .select({ unused: count() })
    .from(authenticator)
    .innerJoin(match.table, eq(authenticator.id, match.member('id')))
    .where(
      and(
        eq(authenticator.subjectId, subject.id),
        eq(authenticator.state, 'active'),
        lt(authenticator.lastStep, match.member('step')),
      ),
    )
  return sql`json_array_length(${arg('matches')}) = ${unused}`
}

function isCodeUnused(arg: Arg<ProofArgs>): SQL {
  const unused = and(
    eq(backupCode.subjectId, subject.id),
    inArray(backupCode.hash, jsonValues(arg('hashes'))),
    isNull(backupCode.usedAt),
  )
  return exists(db.select({ hash: backupCode.hash }).from(backupCode).where(unused))
}

type ConsumeArgs = ClaimArgs & ConsumedArgs & { readonly now: number }

/** Consumes the proof: the matched steps become the last ones, or the backup code is used. */
const consume = {
  otp: statement((arg: Arg<ConsumeArgs>) => {
    const match = jsonEach<StepMatch>(arg('matches'), 'matched')
    return db
      .update(authenticator)
      .set({ lastUsedAt: sql`${arg('now')}`, lastStep: match.member('step') })
      .from(match.table)
      .where(and(ofClaimed(authenticator, arg), eq(authenticator.id, match.member('id'))))
  }),
  backup_code: statement((arg: Arg<ConsumeArgs>) =>
    db
      .update(backupCode)
      .set({ usedAt: sql`${arg('now')}` })
      .where(and(ofClaimed(backupCode, arg), inArray(backupCode.hash, jsonValues(arg('hashes'))))),
  ),
} satisfies Record<Factor, Statement<ConsumeArgs>>

/** Operations that a proof authorises. */
export function proofStore(database: Database, onQueued: OnQueued) {
  return {
    /** Counts an attempt at TOTP where the operation can be done and no wait stands; returns what judging it needs. */
    async chargeProof({
      subject: of,
      operation,
      now,
    }: Pick<ProofRequest, 'subject' | 'operation' | 'now'>): Promise<ProofSnapshot> {
      const args = { ...of, ...effectArguments(operation), now }
      const { charged, throttle, active } = await database.write({
        clamped: clampWait(args),
        charged: charge[operation.kind](args),
        throttle: readThrottle(args),
        active: readActive(args),
      })
      return { ...toFactorState(only(throttle), active), charged: charged.length > 0 }
    },

    /** Does an operation and consumes its proof; neither where the proof was used meanwhile or the operation cannot be done. */
    async commitProof(
      change: ProofChange,
    ): Promise<
      | { committed: true; backupCodesRemaining: number; failedAttempts: number }
      | { committed: false; state: FactorState }
    > {
      const { subject: of, operation, consumed } = change
      const args = {
        ...of,
        ...effectArguments(operation),
        ...eventArguments(change),
        ...consumedArguments(consumed),
        claim: newClaim(),
      }
      const { backupCodes, throttle, active, claim } = await database.write({
        claimed: claimByProof[consumed.factor][operation.kind](args),
        consumed: consume[consumed.factor](args),
        repeat: consumed.factor === 'backup_code' ? [forgetRepeat(args)] : [],
        effects: effectsOf(operation.kind, args),
        events: recordEvents(args, { deliver: onQueued !== undefined }),
        backupCodes: countBackupCodes(args),
        throttle: readThrottle(args),
        active: readActive(args),
        cleared: 'clearsFailedAttempts' in OPERATIONS[operation.kind] ? [clearFailedAttempts(args)] : [],
        claim: readClaim(args),
      })
      if (!only(claim).claimed) return { committed: false, state: toFactorState(only(throttle), active) }
      onQueued?.()
      const { failedAttempts } = only(throttle)
      return { committed: true, backupCodesRemaining: only(backupCodes).remaining, failedAttempts }
    },

    /** Takes back the charge of an attempt that failed by a fault of ours. */
    async refundProof({ subject: of }: Pick<ProofRequest, 'subject'>): Promise<void> {
      await database.write({ refunded: refundCharge(of) })
    },

    /** Records that a wait began, or the block. */
    async recordThrottle(
      of: Subject,
      options: { event: NewEvent; context: RequestContext; now: number },
    ): Promise<void> {
      const { event, context, now } = options
      const args = { ...of, ...eventArguments({ events: [event], context, keyIds: [], now }), claim: newClaim() }
      await database.write({
        claimed: claimThrottleEvent({ ...args, authenticatorId: null }),
        events: recordEvents(args, { deliver: onQueued !== undefined }),
      })
      onQueued?.()
    },
  }
}

function consumedArguments(consumed: ConsumedProof): ConsumedArgs {
  const { matches, hashes } = { matches: [], hashes: [], ...consumed }
  return { matches: JSON.stringify(matches), hashes: JSON.stringify(hashes) }
}

function toFactorState(
  { failures, retryAt, active }: { failures: number; retryAt: number | null; active: number },
  rows: readonly {
    id: string
    sealed: string
    lastStep: number
    algorithm: OtpAlgorithm
    digits: number
    stepSeconds: number
  }[],
): FactorState {
  if (rows.length !== active) unexpectedResult('authenticators')
  const authenticators = rows.map(({ id, sealed, lastStep, ...parameters }) => ({ id, sealed, lastStep, parameters }))
  return { failures, retryAt, authenticators }
}
