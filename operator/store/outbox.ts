import { type Database, type Row, statement } from '../../src/store/database.ts'
import { all, hasRow, integer, nullable, only, text } from '../../src/store/rows.ts'

/* Statements of `npm run outbox`. The Worker does not run them, and they may scan whole tables. */

const listOutbox = statement(`
  SELECT event_id, type, attempts, next_at, outbox.created_at, issuer, sub
  FROM outbox JOIN event ON event.subject_id = outbox.subject_id AND event.sequence = outbox.sequence
    JOIN subject ON subject.id = outbox.subject_id
  ORDER BY next_at IS NOT NULL, outbox.created_at LIMIT :limit`)

const retryAll = statement('UPDATE outbox SET next_at = :now, created_at = :now, attempts = 0, lease = NULL')
const retryOne = statement(`${retryAll.sql} WHERE event_id = :eventId RETURNING event_id`)
const resume = statement('DELETE FROM webhook_pause')
const readPause = statement('SELECT max(paused_at) AS paused_at FROM webhook_pause')

/** A webhook that is not delivered yet. */
export type QueuedDelivery = {
  readonly eventId: string
  readonly type: string
  readonly attempts: number
  /** Milliseconds since the epoch, or null when the delivery was abandoned. */
  readonly nextAt: number | null
  readonly issuer: string
  readonly sub: string
}

/** What an operator reads and changes about webhook deliveries. */
export function outboxStore(database: Database) {
  return {
    /** Returns queued deliveries, abandoned ones first, and since when deliveries are paused, if they are. */
    async listOutbox(limit: number): Promise<{ waiting: readonly QueuedDelivery[]; pausedAt: number | null }> {
      const [rows, pause] = await database.read([listOutbox, readPause], { limit })
      return { waiting: all(rows).map(toQueuedDelivery), pausedAt: nullable(integer, only(pause), 'paused_at') }
    },

    /**
     * Makes one delivery due, or all of them, with three more days of retries, and ends a pause. Returns false when
     * `eventId` is unknown.
     */
    async retryDeliveries(options: { now: number; eventId: string | undefined }): Promise<boolean> {
      const { now, eventId } = options
      if (eventId === undefined) {
        await database.write([retryAll, resume], { now })
        return true
      }
      const [retried] = await database.write([retryOne, resume], { now, eventId })
      return hasRow(retried)
    },
  }
}

function toQueuedDelivery(row: Row): QueuedDelivery {
  return {
    eventId: text(row, 'event_id'),
    type: text(row, 'type'),
    attempts: integer(row, 'attempts'),
    nextAt: nullable(integer, row, 'next_at'),
    issuer: text(row, 'issuer'),
    sub: text(row, 'sub'),
  }
}
