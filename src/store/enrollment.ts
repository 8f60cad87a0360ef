import { and, eq, exists, gt, gte, lte, type SQL, sql } from 'drizzle-orm'
import {
  type Activation,
  type EnrollmentAttempt,
  type EnrollmentSnapshot,
  type NewAuthenticator,
  PENDING_ATTEMPTS,
} from '../core/enrollment.ts'
import type { RequestContext } from '../core/events.ts'
import type { OtpAlgorithm } from '../core/hotp.ts'
import type { Subject } from '../core/subject.ts'
import { claimFor, type NewClaimArgs, newClaim, ofSubject, precondition, readClaim, type SubjectArgs } from './claim.ts'
import type { Database } from './client.ts'
import { effectArguments, effectsOf } from './effects.ts'
import { eventArguments, type OnQueued, recordEvents } from './events.ts'
import { chargeRepeat, confirmKept, deleteStaleRepeat, keepRepeat, readRepeat } from './repeat.ts'
import { integer, oneOf, only } from './rows.ts'
import { authenticator, subject } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'
import { isLive } from './status.ts'
import { jsonEach } from './templates.ts'

/** Claims the subject while MFA is off, and creates its row where there is none. */
const claimFirstSetup = statement((arg: Arg<NewClaimArgs>) =>
  db
    .insert(subject)
    .values({ issuer: arg('issuer'), sub: arg('sub'), createdAt: arg('now'), claim: arg('claim') })
    .onConflictDoUpdate({
      target: [subject.issuer, subject.sub],
      set: { claim: sql`${arg('claim')}` },
      setWhere: precondition('setup', arg),
    }),
)

const chargePending = statement((arg: Arg<SubjectArgs & { now: number; attempt: string }>) =>
  db
    .update(authenticator)
    .set({ attempts: sql`json_insert(${authenticator.attempts}, '$[#]', json(${arg('attempt')}))` })
    .from(subject)
    .where(and(isPending(arg), eq(subject.id, authenticator.subjectId), isLive(arg('now'))))
    .returning({
      id: authenticator.id,
      sealed: authenticator.sealed,
      algorithm: authenticator.algorithm,
      digits: authenticator.digits,
      stepSeconds: authenticator.stepSeconds,
      attempts: authenticator.attempts,
    }),
)

/** Active authenticators, and why no pending secret was charged. Returns one row, also for an unknown subject. */
const readEnrollment = statement((arg: Arg<SubjectArgs & { now: number }>) => {
  const fault = sql`max(CASE WHEN ${authenticator.state} = 'active' THEN NULL
    WHEN ${lte(authenticator.expiresAt, arg('now'))} THEN 'expired'
    WHEN ${gte(sql`json_array_length(${authenticator.attempts})`, PENDING_ATTEMPTS)} THEN 'exhausted'
    ELSE 'superseded' END)`
  return db
    .select({
      active: integer(sql`count(*) FILTER (WHERE ${authenticator.state} = 'active')`),
      fault: oneOf(sql`coalesce(${fault}, 'none')`, ['none', 'expired', 'exhausted', 'superseded']),
    })
    .from(authenticator)
    .where(ofSubject(authenticator, arg))
})

/** Claims the subject while the pending secret is still the one that was judged. */
const claimActivation = {
  enable: claimFor('enable', { when: isUnchanged, set: (arg) => ({ enabledAt: sql`${arg('now')}` }) }),
  'add-authenticator': claimFor('add-authenticator', { when: isUnchanged }),
}

function isUnchanged(arg: Arg<NewClaimArgs>): SQL | undefined {
  const judged = and(
    eq(authenticator.subjectId, subject.id),
    eq(authenticator.id, arg('authenticatorId')),
    eq(authenticator.state, 'pending'),
    eq(authenticator.generation, subject.generation),
    gt(authenticator.expiresAt, arg('now')),
  )
  return exists(db.select({ id: authenticator.id }).from(authenticator).where(judged))
}

/** Takes the last charge of an attempt back from the pending secret. */
const refundPending = statement((arg: Arg<SubjectArgs & { attempt: string }>) => {
  const tried = jsonEach(authenticator.attempts, 'tried')
  const last = sql`(SELECT max(${tried.index}) FROM ${tried.table} WHERE ${tried.value} = json(${arg('attempt')}))`
  const refunded = sql`json_remove(${authenticator.attempts}, '$[' || ${last} || ']')`
  return db
    .update(authenticator)
    .set({ attempts: sql`coalesce(${refunded}, ${authenticator.attempts})` })
    .where(isPending(arg))
})

function isPending(arg: Arg<SubjectArgs>): SQL | undefined {
  return and(ofSubject(authenticator, arg), eq(authenticator.state, 'pending'))
}

/** What happens between `setup` and the answer of `verify`. */
export function enrollmentStore(database: Database, onQueued: OnQueued) {
  return {
    /** Stores a pending authenticator in place of an earlier one. Returns false, with nothing changed, while MFA is on. */
    async startEnrollment(of: Subject, added: NewAuthenticator): Promise<boolean> {
      const effect = effectArguments({ authenticator: added })
      const args = { ...of, ...effect, claim: newClaim(), now: added.createdAt, eventCount: 0 }
      const { claim } = await database.write({
        claimed: claimFirstSetup(args),
        effects: effectsOf('setup', args),
        claim: readClaim(args),
      })
      return only(claim).claimed
    },

    /** Counts an attempt at `verify` where there is something to attempt, and returns what judging it needs. */
    async chargeEnrollment(
      of: Subject,
      options: { attempt: EnrollmentAttempt; marks: readonly string[]; now: number },
    ): Promise<EnrollmentSnapshot> {
      const { attempt, marks, now } = options
      const args = { ...of, now, attempt: JSON.stringify(attempt), marks: JSON.stringify(marks) }
      const { repeat, pending, state } = await database.write({
        stale: deleteStaleRepeat(args),
        repeat: chargeRepeat(args),
        pending: chargePending(args),
        state: readEnrollment(args),
      })
      const { active, fault } = only(state)
      return {
        pending: pending[0] && toPending(pending[0]),
        pendingFault: fault,
        sealedRepeat: repeat[0]?.sealed,
        activeAuthenticators: active,
      }
    },

    /**
     * Activates the pending authenticator with all that belongs to it. Where another request changed the subject
     * meanwhile, nothing changes, and the answer that the other request kept is returned, if there is one.
     */
    async activate(
      of: Subject,
      change: Activation & { readonly context: RequestContext },
    ): Promise<{ committed: true } | { committed: false; sealedRepeat: string | undefined }> {
      const { operation, repeat } = change
      const args = {
        ...of,
        ...effectArguments(change),
        ...eventArguments({ ...change, keyIds: [] }),
        claim: newClaim(),
      }
      const { kept, claim } = await database.write({
        claimed: claimActivation[operation](args),
        effects: effectsOf(operation, args),
        repeat: keepRepeat({ ...args, ...repeat }),
        events: recordEvents(args, { deliver: onQueued !== undefined }),
        kept: readRepeat(args),
        claim: readClaim(args),
      })
      if (!only(claim).claimed) return { committed: false, sealedRepeat: kept[0]?.sealed }
      onQueued?.()
      return { committed: true }
    },

    /** Takes back the charge of an attempt that failed by a fault of ours. */
    async refundEnrollment(of: Subject, attempt: EnrollmentAttempt): Promise<void> {
      await database.write({ refunded: refundPending({ ...of, attempt: JSON.stringify(attempt) }) })
    },

    /** Takes back what a right repeat was charged at a pending secret. Returns false when the kept answer is gone. */
    async confirmRepeat(
      of: Subject,
      options: { sealedRepeat: string; attempt: EnrollmentAttempt; now: number },
    ): Promise<boolean> {
      const { sealedRepeat: sealed, attempt, now } = options
      const args = { ...of, sealed, now, attempt: JSON.stringify(attempt) }
      const { confirmed } = await database.write({ confirmed: confirmKept(args), refunded: refundPending(args) })
      return only(confirmed).kept
    },
  }
}

function toPending(row: {
  readonly id: string
  readonly sealed: string
  readonly algorithm: OtpAlgorithm
  readonly digits: number
  readonly stepSeconds: number
  readonly attempts: string
}) {
  const { id, sealed, attempts, ...parameters } = row
  return { id, sealed, parameters, attempts: JSON.parse(attempts) as readonly EnrollmentAttempt[] }
}
