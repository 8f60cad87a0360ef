import { and, count, eq, gt, isNull, lte, or, sql } from 'drizzle-orm'
import type { NewEvent, RequestContext } from '../core/events.ts'
import { OPERATIONS } from '../core/operations.ts'
import type { Subject } from '../core/subject.ts'
import { claimFor, type NewClaimArgs, newClaim, readClaim, type SubjectArgs, subjectId } from './claim.ts'
import type { Database } from './client.ts'
import { effectArguments, effectsOf } from './effects.ts'
import { eventArguments, type OnQueued, recordEvents } from './events.ts'
import { CLEARED_THROTTLE } from './proof.ts'
import { condition, only } from './rows.ts'
import { authenticator, subject } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'

/** An act of an administrator, with what its event keeps of it. */
export type AdminAct = {
  readonly eventId: string
  readonly administrator: Subject
  readonly reason: string
  readonly context: RequestContext
  readonly now: number
}

/** Whether an act was done; if not, whether MFA is on at all. */
export type ActOutcome = { readonly done: boolean; readonly enabled: boolean }

const claimAct = {
  reset: claimFor('reset', { set: () => CLEARED_THROTTLE }),
  unlock: claimFor('unlock', {
    set: (arg) => ({ ...CLEARED_THROTTLE, unlockedAt: sql`${arg('now')}` }),
    when: (arg: Arg<NewClaimArgs & { unlockedBefore: number }>) =>
      or(
        isNull(subject.unlockedAt),
        lte(subject.unlockedAt, arg('unlockedBefore')),
        gt(subject.unlockedAt, arg('now')),
      ),
  }),
}

/** Whether MFA is on, for a batch that did not claim the subject. Returns one row. */
const readEnabled = statement((arg: Arg<SubjectArgs>) =>
  db
    .select({ enabled: condition(sql`${count()} > 0`) })
    .from(authenticator)
    .where(and(eq(authenticator.subjectId, subjectId(arg)), eq(authenticator.state, 'active'))),
)

/** What administrators do to a subject. */
export function adminStore(database: Database, onQueued: OnQueued) {
  async function run(kind: 'reset' | 'unlock', options: { of: Subject; act: AdminAct; unlockedBefore: number }) {
    const { of, act, unlockedBefore } = options
    const change = { events: [toEvent(kind, act)], context: act.context, keyIds: [], now: act.now }
    const args = { ...of, ...effectArguments({}), ...eventArguments(change), claim: newClaim(), unlockedBefore }
    const { state, claim } = await database.write({
      state: readEnabled(args),
      claimed: claimAct[kind](args),
      effects: effectsOf(kind, args),
      events: recordEvents(args, { deliver: onQueued !== undefined }),
      claim: readClaim(args),
    })
    const done = only(claim).claimed
    if (done) onQueued?.()
    return { done, enabled: only(state).enabled }
  }

  return {
    /** Turns MFA off and revokes everything, the throttle included. */
    reset: (of: Subject, act: AdminAct): Promise<ActOutcome> => run('reset', { of, act, unlockedBefore: act.now }),

    /** Clears the throttle, unless that was done after `unlockedBefore`. */
    unlock: (of: Subject, options: { act: AdminAct; unlockedBefore: number }): Promise<ActOutcome> =>
      run('unlock', { of, ...options }),
  }
}

function toEvent(kind: 'reset' | 'unlock', { eventId, administrator, reason }: AdminAct): NewEvent {
  const by = JSON.stringify([administrator.issuer, administrator.sub])
  return { id: eventId, type: OPERATIONS[kind].event, authenticatorId: null, factor: null, administrator: by, reason }
}
