import type { Delivery } from '../core/delivery.ts'
import type { EventType } from '../core/events.ts'
import { type Database, newClaim, type Row } from './database.ts'
import * as sql from './job-statements.ts'
import { all, integer, nullable, text } from './rows.ts'

/** Deliveries that nobody else tries until the lease is over. */
export type Lease = { readonly id: string; readonly deliveries: readonly Delivery[] }

/** What became of the deliveries of a lease. */
export type Settlement = {
  readonly delivered: readonly string[]
  /** `nextAt` is null for a delivery that is given up. */
  readonly failed: readonly { readonly eventId: string; readonly nextAt: number | null }[]
  /** Whether the receiver said that it is gone. */
  readonly gone: boolean
}

/** Events on their way to the receiver. */
export function outboxStore(database: Database) {
  return {
    /** Takes deliveries that are due, none while they are paused. */
    async leaseDeliveries(options: { now: number; leasedUntil: number; limit: number }): Promise<Lease> {
      const id = newClaim()
      const [, rows] = await database.write([sql.leaseDue, sql.readLeased], { ...options, lease: id })
      return { id, deliveries: all(rows).map(toDelivery) }
    },

    /** Writes down how the tries of a lease ended. */
    async settleDeliveries(lease: Lease, options: { settlement: Settlement; now: number }): Promise<void> {
      const { delivered, failed, gone } = options.settlement
      await database.write([sql.dropDelivered, sql.postponeFailed, sql.pauseDeliveries], {
        delivered: JSON.stringify(delivered),
        failed: JSON.stringify(failed),
        gone: gone ? 1 : 0,
        lease: lease.id,
        now: options.now,
      })
    },
  }
}

function toDelivery(row: Row): Delivery {
  return {
    eventId: text(row, 'event_id'),
    type: text(row, 'type') as EventType,
    at: integer(row, 'at'),
    sequence: integer(row, 'sequence'),
    subject: { issuer: text(row, 'issuer'), sub: text(row, 'sub') },
    authenticatorId: nullable(text, row, 'authenticator_id'),
    attempts: integer(row, 'attempts'),
    createdAt: integer(row, 'created_at'),
  }
}
