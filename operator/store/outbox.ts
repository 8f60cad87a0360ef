import { and, asc, eq, isNotNull, max, sql } from 'drizzle-orm'
import type { Database } from '../../src/store/client.ts'
import { nullableInteger, only } from '../../src/store/rows.ts'
import { event, outbox, subject, webhookPause } from '../../src/store/schema.ts'
import { type Arg, db, statement } from '../../src/store/statement.ts'

/* Statements of `npm run outbox`. The Worker does not run them, and they may scan whole tables. */

const listWaiting = statement((arg: Arg<{ limit: number }>) =>
  db
    .select({
      eventId: outbox.eventId,
      type: event.type,
      attempts: outbox.attempts,
      nextAt: outbox.nextAt,
      issuer: subject.issuer,
      sub: subject.sub,
    })
    .from(outbox)
    .innerJoin(event, and(eq(event.subjectId, outbox.subjectId), eq(event.sequence, outbox.sequence)))
    .innerJoin(subject, eq(subject.id, outbox.subjectId))
    .orderBy(isNotNull(outbox.nextAt), asc(outbox.createdAt))
    .limit(arg('limit')),
)

const readPause = statement(() =>
  db.select({ pausedAt: nullableInteger(max(webhookPause.pausedAt)) }).from(webhookPause),
)

/** Makes deliveries due, with the whole time for tries before them. */
function retry(arg: Arg<{ now: number }>) {
  const now = sql`${arg('now')}`
  return db.update(outbox).set({ nextAt: now, createdAt: now, attempts: 0, lease: null })
}

const retryAll = statement((arg: Arg<{ now: number }>) => retry(arg))

const retryOne = statement((arg: Arg<{ now: number; eventId: string }>) =>
  retry(arg)
    .where(eq(outbox.eventId, arg('eventId')))
    .returning({ eventId: outbox.eventId }),
)

const resume = statement(() => db.delete(webhookPause))

/** A delivery that has not been made. */
export type QueuedDelivery = {
  readonly eventId: string
  readonly type: string
  readonly attempts: number
  /** Null for a dead letter. */
  readonly nextAt: number | null
  readonly issuer: string
  readonly sub: string
}

/** What an operator reads and changes about webhook deliveries. */
export function outboxStore(database: Database) {
  return {
    /** Deliveries that wait, dead letters first, and since when all of them are paused. */
    async listOutbox(limit: number): Promise<{ waiting: readonly QueuedDelivery[]; pausedAt: number | null }> {
      const { waiting, pause } = await database.read({ waiting: listWaiting({ limit }), pause: readPause({}) })
      return { waiting, ...only(pause) }
    },

    /** Makes one delivery due, or all of them, and ends a pause. Returns false for an unknown delivery. */
    async retryDeliveries({ now, eventId }: { now: number; eventId: string | undefined }): Promise<boolean> {
      if (eventId === undefined) {
        await database.write({ retried: retryAll({ now }), resumed: resume({}) })
        return true
      }
      const { retried } = await database.write({ retried: retryOne({ now, eventId }), resumed: resume({}) })
      return retried.length > 0
    },
  }
}
