import { and, eq, exists } from 'drizzle-orm'
import type { NewEvent, RequestContext } from '../core/events.ts'
import { OPERATIONS } from '../core/operations.ts'
import type { ActiveAuthenticator } from '../core/status.ts'
import type { Subject } from '../core/subject.ts'
import { claimFor, newClaim, ofSubject, readClaim, type SubjectArgs } from './claim.ts'
import type { Database } from './client.ts'
import { effectArguments, effectsOf } from './effects.ts'
import { eventArguments, type OnQueued, recordEvents } from './events.ts'
import { only } from './rows.ts'
import { authenticator, subject } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'
import { AUTHENTICATOR } from './status.ts'

/** A change that needs no proof, with what its event keeps of the request. */
export type UnprovenChange = {
  readonly subject: Subject
  readonly eventId: string
  readonly context: RequestContext
  readonly now: number
}

const claimRename = claimFor('rename-authenticator')

/** Claims the subject while it has a pending secret. */
const claimCancellation = claimFor('cancel-enrollment', {
  when: () => {
    const pending = and(eq(authenticator.subjectId, subject.id), eq(authenticator.state, 'pending'))
    return exists(db.select({ id: authenticator.id }).from(authenticator).where(pending))
  },
})

const readAuthenticator = statement((arg: Arg<SubjectArgs & { authenticatorId: string | null }>) =>
  db
    .select(AUTHENTICATOR)
    .from(authenticator)
    .where(and(ofSubject(authenticator, arg), eq(authenticator.id, arg('authenticatorId')))),
)

/** What the holder of an access token changes without a proof. */
export function authenticatorStore(database: Database, onQueued: OnQueued) {
  const deliver = onQueued !== undefined

  return {
    /** Renames an active authenticator; undefined when the subject has none with that id. */
    async renameAuthenticator(
      change: UnprovenChange & { readonly authenticatorId: string; readonly name: string },
    ): Promise<ActiveAuthenticator | undefined> {
      const { authenticatorId } = change
      const args = changeArguments(change, { ...newEvent('rename-authenticator', change), authenticatorId })
      const { renamed, claim } = await database.write({
        claimed: claimRename(args),
        effects: effectsOf('rename-authenticator', args),
        events: recordEvents(args, { deliver }),
        renamed: readAuthenticator(args),
        claim: readClaim(args),
      })
      if (!only(claim).claimed) return undefined
      onQueued?.()
      return only(renamed)
    },

    /** Deletes the pending authenticator, if there is one; while MFA is on, with an event. */
    async cancelEnrollment(change: UnprovenChange): Promise<void> {
      const args = changeArguments(change, { ...newEvent('cancel-enrollment', change), onlyWhileEnabled: true })
      const { claim } = await database.write({
        claimed: claimCancellation(args),
        effects: effectsOf('cancel-enrollment', args),
        events: recordEvents(args, { deliver }),
        claim: readClaim(args),
      })
      if (only(claim).claimed) onQueued?.()
    },
  }
}

function newEvent(kind: 'rename-authenticator' | 'cancel-enrollment', { eventId }: UnprovenChange): NewEvent {
  return { id: eventId, type: OPERATIONS[kind].event, authenticatorId: null, factor: null }
}

function changeArguments(
  change: UnprovenChange & { readonly authenticatorId?: string; readonly name?: string },
  event: NewEvent,
) {
  const { context, now } = change
  const events = eventArguments({ events: [event], context, keyIds: [], now })
  return { ...change.subject, ...effectArguments(change), ...events, claim: newClaim() }
}
