import { and, count, eq, exists, gte, isNull, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { NewEvent, RequestContext } from '../core/events.ts'
import { OPERATIONS } from '../core/operations.ts'
import type { Subject } from '../core/subject.ts'
import { UNLOCK_INTERVAL_MS } from '../core/throttle.ts'
import { claimFor, newClaim, ofSubject, readClaim, type SubjectArgs } from './claim.ts'
import type { Database } from './client.ts'
import { effectArguments, effectsOf } from './effects.ts'
import { eventArguments, type OnQueued, recordEvents } from './events.ts'
import { condition, only } from './rows.ts'
import { authenticator, subject } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'
import { isLive } from './status.ts'
import { CLEARED_THROTTLE } from './throttle.ts'

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
  reset: claimFor('reset', { set: () => CLEARED_THROTTLE, when: (arg) => hasFactor(arg('now')) }),
  unlock: claimFor('unlock', {
    set: (arg) => ({ ...CLEARED_THROTTLE, unlockedAt: sql`${arg('now')}` }),
    // The clocks of two requests may differ, so the interval counts in both directions.
    when: (arg) =>
      or(isNull(subject.unlockedAt), gte(sql`abs(${arg('now')} - ${subject.unlockedAt})`, UNLOCK_INTERVAL_MS)),
  }),
}

/** The condition that the subject has an active authenticator or a pending one that still takes codes. */
function hasFactor(now: SQLWrapper): SQL {
  const factor = and(eq(authenticator.subjectId, subject.id), or(eq(authenticator.state, 'active'), isLive(now)))
  return exists(db.select({ id: authenticator.id }).from(authenticator).where(factor))
}

/** Whether MFA is on, for a batch that did not claim the subject. Returns one row. */
const readEnabled = statement((arg: Arg<SubjectArgs>) =>
  db
    .select({ enabled: condition(sql`${count()} > 0`) })
    .from(authenticator)
    .where(and(ofSubject(authenticator, arg), eq(authenticator.state, 'active'))),
)

/** What administrators do to a subject. */
export function adminStore(database: Database, onQueued: OnQueued) {
  async function run(kind: 'reset' | 'unlock', { of, act }: { of: Subject; act: AdminAct }): Promise<ActOutcome> {
    const change = { events: [toEvent(kind, act)], context: act.context, keyIds: [], now: act.now }
    const args = { ...of, ...effectArguments({}), ...eventArguments(change), claim: newClaim() }
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
    /** Turns MFA off and revokes everything, the throttle and a pending secret included. */
    reset: (of: Subject, act: AdminAct) => run('reset', { of, act }),

    /** Clears the throttle, once in 24 hours. */
    unlock: (of: Subject, act: AdminAct) => run('unlock', { of, act }),
  }
}

function toEvent(kind: 'reset' | 'unlock', { eventId, administrator, reason }: AdminAct): NewEvent {
  const by = JSON.stringify([administrator.issuer, administrator.sub])
  return { id: eventId, type: OPERATIONS[kind].event, authenticatorId: null, factor: null, administrator: by, reason }
}
