import { and, count, desc, eq, gt, inArray, isNotNull, isNull, lt, or, type SQLWrapper, sql } from 'drizzle-orm'
import type { EventRecord, EventType, NewEvent, RequestContext } from '../core/events.ts'
import type { Subject } from '../core/subject.ts'
import { claimedSubjectId, ofSubject, type SubjectArgs } from './claim.ts'
import type { Database } from './client.ts'
import { condition } from './rows.ts'
import { backupCode, event, outbox, subject } from './schema.ts'
import { type Arg, type Arguments, type BoundStatement, db, type Statement, statement } from './statement.ts'
import { insertSelect, jsonEach, jsonValues, RANDOM_UUID } from './templates.ts'

/** Called after a commit that queued deliveries; undefined where no receiver of webhooks is configured. */
export type OnQueued = (() => void) | undefined

/** Arguments of the statements that append events. */
export type EventArgs = {
  /** A JSON array of events. */
  readonly events: string
  /** How many sequence numbers the batch has reserved for them. */
  readonly eventCount: number
  /** A JSON array of the key ids of the ring: backup codes of other keys are not counted as left. */
  readonly keyIds: string
  readonly now: number
} & RequestContext

/** Events with the request that they came from, for one batch. */
export type EventBatch = {
  readonly events: readonly NewEvent[]
  readonly context: RequestContext
  readonly keyIds: readonly string[]
  readonly now: number
}

/** The arguments of a batch of events. */
export function eventArguments({ events, context, keyIds, now }: EventBatch): EventArgs {
  const lists = { events: JSON.stringify(events), keyIds: JSON.stringify(keyIds) }
  return { ...context, ...lists, eventCount: events.length, now }
}

/** Appends the events of a batch to the record of the claimed subject and, with `deliver`, queues their deliveries. */
export function recordEvents(
  args: EventArgs & Subject & { readonly claim: string },
  { deliver }: { readonly deliver: boolean },
): readonly BoundStatement<never>[] {
  return deliver ? [appendToClaimed(args), enqueueOfClaimed(args)] : [appendToClaimed(args)]
}

const appendToClaimed = appendEvents(claimedSubjectId)
const enqueueOfClaimed = enqueueDeliveries(claimedSubjectId)

/** Appends the same events to the record of each of some subjects. An event without an id gets a random one each. */
function appendEvents<Args extends Arguments>(subjects: (arg: Arg<Args>) => SQLWrapper): Statement<EventArgs & Args> {
  return statement((arg: Arg<EventArgs & Args>) => {
    const added = jsonEach<NewEvent>(arg('events'), 'added')
    const byCount = added.entry('typeByBackupCodesLeft', countBackupCodesLeft(arg))
    const type = sql`coalesce(${added.member('type')}, ${byCount})`
    const isDue = and(or(isNull(added.member('onlyWhileEnabled')), isNotNull(subject.enabledAt)), isNotNull(type))
    return insertSelect(event, {
      columns: {
        subjectId: subject.id,
        sequence: sql`${subject.eventSequence} - ${arg('eventCount')} + 1 + ${added.index}`,
        id: sql`coalesce(${added.member('id')}, ${RANDOM_UUID})`,
        type,
        at: arg('now'),
        authenticatorId: added.member('authenticatorId'),
        factor: added.member('factor'),
        requestId: arg('requestId'),
        country: arg('country'),
        administrator: added.member('administrator'),
        reason: added.member('reason'),
        service: arg('service'),
        failedAttempts: sql`CASE WHEN ${added.member('withFailedAttempts')} THEN ${subject.failedAttempts} END`,
      },
      from: sql`FROM ${subject}, ${added.table} WHERE ${and(inArray(subject.id, subjects(arg)), isDue)}`,
    })
  })
}

/** Queues the deliveries of the events that the batch appended. */
function enqueueDeliveries<Args extends Arguments>(
  subjects: (arg: Arg<Args>) => SQLWrapper,
): Statement<EventArgs & Args> {
  return statement((arg: Arg<EventArgs & Args>) => {
    const isNew = gt(event.sequence, sql`${subject.eventSequence} - ${arg('eventCount')}`)
    return insertSelect(outbox, {
      columns: {
        eventId: event.id,
        subjectId: event.subjectId,
        sequence: event.sequence,
        createdAt: arg('now'),
        nextAt: arg('now'),
      },
      from: sql`FROM ${subject} JOIN ${event} ON ${and(eq(event.subjectId, subject.id), isNew)}
        WHERE ${inArray(subject.id, subjects(arg))}`,
    })
  })
}

/** Reserves a sequence number for each of some subjects, for the event that {@link recordForEach} appends. */
function reserveSequence<Args extends Arguments>(
  subjects: (arg: Arg<Args>) => SQLWrapper,
): Statement<EventArgs & Args> {
  return statement((arg: Arg<EventArgs & Args>) =>
    db
      .update(subject)
      .set({ eventSequence: sql`${subject.eventSequence} + ${arg('eventCount')}` })
      .where(inArray(subject.id, subjects(arg))),
  )
}

/**
 * Defines the statements that append the same events to the record of each of some subjects. The subjects are selected
 * by a condition that a later statement of the batch ends: all statements see the same subjects, and a second run at the
 * same time finds none of them.
 */
export function recordForEach<Args extends Arguments>(subjects: (arg: Arg<Args>) => SQLWrapper) {
  const [reserve, append, enqueue] = [reserveSequence(subjects), appendEvents(subjects), enqueueDeliveries(subjects)]
  return (args: EventArgs & Args, { deliver }: { deliver: boolean }): readonly BoundStatement<never>[] =>
    deliver ? [reserve(args), append(args), enqueue(args)] : [reserve(args), append(args)]
}

/** Arguments for one event of the same type for each subject; the database gives each a random id. */
export function eventForEach(type: EventType, reason?: string) {
  return { events: JSON.stringify([{ type, reason }]), eventCount: 1, country: null, service: null, keyIds: '[]' }
}

/** Unused backup codes of the subject of the outer query whose key is in the ring, as a subquery. */
function countBackupCodesLeft(arg: Arg<EventArgs>): SQLWrapper {
  return db
    .select({ left: count() })
    .from(backupCode)
    .where(
      and(
        eq(backupCode.subjectId, subject.id),
        isNull(backupCode.usedAt),
        inArray(backupCode.keyId, jsonValues(arg('keyIds'))),
      ),
    )
}

const readPage = statement((arg: Arg<SubjectArgs & { before: number; limit: number }>) =>
  db
    .select({
      sequence: event.sequence,
      id: event.id,
      type: event.type,
      at: event.at,
      authenticatorId: event.authenticatorId,
      country: event.country,
      byAdministrator: condition(isNotNull(event.administrator)),
      byService: condition(isNotNull(event.service)),
      failedAttempts: event.failedAttempts,
    })
    .from(event)
    .where(and(ofSubject(event, arg), lt(event.sequence, arg('before'))))
    .orderBy(desc(event.sequence))
    .limit(arg('limit')),
)

/** The record of events. */
export function eventStore(database: Database) {
  return {
    /** Events with a sequence number below `before`, newest first. */
    async readEvents(subject: Subject, page: { before: number; limit: number }): Promise<readonly EventRecord[]> {
      const { found } = await database.read({ found: readPage({ ...subject, ...page }) })
      return found
    },
  }
}
