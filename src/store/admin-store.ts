import type { RequestContext } from '../core/events.ts'
import type { Subject } from '../core/subject.ts'
import * as adminSql from './admin-statements.ts'
import { type Database, newClaim, type Row } from './database.ts'
import { turnOffAll } from './proof-statements.ts'
import type { Recorder } from './recorder.ts'
import { integer, isWon, only } from './rows.ts'
import { readWon } from './statements.ts'

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

/** What administrators may do to a subject. */
export function adminStore(database: Database, recorder: Recorder) {
  function settle(results: readonly (readonly Row[])[]): ActOutcome {
    const done = isWon(results)
    if (done) recorder.note()
    return { done, enabled: integer(only(results[0]), 'enabled') === 1 }
  }

  return {
    /** Turns MFA off and revokes everything, the throttle included. */
    async reset(subject: Subject, act: AdminAct): Promise<ActOutcome> {
      const statements = [
        adminSql.readEnabled,
        adminSql.winReset,
        ...turnOffAll,
        adminSql.insertAdminEvent,
        ...recorder.queue,
        readWon,
      ]
      return settle(await database.write(statements, actArguments(subject, { act, eventType: 'admin.reset' })))
    },

    /** Clears the throttle, unless that was done after `unlockedBefore`. */
    async unlock(subject: Subject, options: { act: AdminAct; unlockedBefore: number }): Promise<ActOutcome> {
      const { act, unlockedBefore } = options
      const statements = [
        adminSql.readEnabled,
        adminSql.winUnlock,
        adminSql.insertAdminEvent,
        ...recorder.queue,
        readWon,
      ]
      const args = { ...actArguments(subject, { act, eventType: 'admin.unlocked' }), unlockedBefore }
      return settle(await database.write(statements, args))
    },
  }
}

function actArguments(subject: Subject, options: { act: AdminAct; eventType: 'admin.reset' | 'admin.unlocked' }) {
  const { eventId, administrator, reason, context, now } = options.act
  const who = JSON.stringify([administrator.issuer, administrator.sub])
  const { eventType } = options
  return {
    ...subject,
    ...context,
    eventId,
    eventType,
    administrator: who,
    reason,
    now,
    eventNumbers: 1,
    won: newClaim(),
  }
}
