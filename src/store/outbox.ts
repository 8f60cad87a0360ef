import { and, asc, count, eq, inArray, isNotNull, lte, min, notExists, sql } from 'drizzle-orm'
import type { Delivery } from '../core/delivery.ts'
import { newClaim } from './claim.ts'
import type { Database } from './client.ts'
import { integer, nullableInteger, only } from './rows.ts'
import { event, outbox, subject, webhookPause } from './schema.ts'
import { type Arg, db, statement } from './statement.ts'
import { insertSelect, jsonEach, jsonValues } from './templates.ts'

type LeaseArgs = { readonly lease: string; readonly leasedUntil: number }

/** The id of the only row of `webhook_pause`. */
const PAUSE_ID = 1

/** Takes deliveries that are due, for as long as a try may take; none while deliveries are paused. */
const leaseDue = statement((arg: Arg<LeaseArgs & { now: number; limit: number }>) => {
  const due = db
    .select({ eventId: outbox.eventId })
    .from(outbox)
    .where(lte(outbox.nextAt, arg('now')))
    .orderBy(asc(outbox.nextAt))
    .limit(arg('limit'))
  return db
    .update(outbox)
    .set({ lease: sql`${arg('lease')}`, nextAt: sql`${arg('leasedUntil')}` })
    .where(
      and(
        inArray(outbox.eventId, due),
        notExists(db.select({ id: webhookPause.id }).from(webhookPause).where(eq(webhookPause.id, PAUSE_ID))),
      ),
    )
})

const readLeased = statement((arg: Arg<LeaseArgs>) => {
  const leased = and(eq(outbox.nextAt, arg('leasedUntil')), eq(outbox.lease, arg('lease')))
  return db
    .select({
      eventId: outbox.eventId,
      attempts: outbox.attempts,
      createdAt: outbox.createdAt,
      type: event.type,
      at: event.at,
      sequence: event.sequence,
      authenticatorId: event.authenticatorId,
      failedAttempts: event.failedAttempts,
      issuer: subject.issuer,
      sub: subject.sub,
    })
    .from(outbox)
    .innerJoin(event, and(eq(event.subjectId, outbox.subjectId), eq(event.sequence, outbox.sequence)))
    .innerJoin(subject, eq(subject.id, outbox.subjectId))
    .where(inArray(outbox.eventId, db.select({ eventId: outbox.eventId }).from(outbox).where(leased)))
})

const deleteDelivered = statement((arg: Arg<{ delivered: string; lease: string }>) =>
  db.delete(outbox).where(and(inArray(outbox.eventId, jsonValues(arg('delivered'))), eq(outbox.lease, arg('lease')))),
)

/** Failed deliveries wait for their next try; without one they are dead letters. */
const postponeFailed = statement((arg: Arg<{ failed: string; lease: string }>) => {
  const failure = jsonEach<Settlement['failed'][number]>(arg('failed'), 'failure')
  return db
    .update(outbox)
    .set({ attempts: sql`${outbox.attempts} + 1`, lease: null, nextAt: failure.member('nextAt') })
    .from(failure.table)
    .where(and(eq(outbox.eventId, failure.member('eventId')), eq(outbox.lease, arg('lease'))))
})

/** Stops all deliveries until an operator resumes them. */
const pauseDeliveries = statement((arg: Arg<{ now: number }>) =>
  insertSelect(webhookPause, { columns: { id: sql`${PAUSE_ID}`, pausedAt: arg('now') }, from: sql`WHERE true` }),
)

/** Deliveries that wait, counted up to a limit, and since when the oldest does. */
const measureWaiting = statement((arg: Arg<{ most: number }>) => {
  const waiting = db
    .select({ createdAt: outbox.createdAt })
    .from(outbox)
    .where(isNotNull(outbox.nextAt))
    .orderBy(asc(outbox.nextAt))
    .limit(arg('most'))
    .as('waiting')
  return db.select({ waiting: integer(count()), oldest: nullableInteger(min(waiting.createdAt)) }).from(waiting)
})

/** Deliveries that no other run tries until the lease ends. */
export type Lease = { readonly id: string; readonly deliveries: readonly Delivery[] }

/** What became of the deliveries of a lease. */
export type Settlement = {
  readonly delivered: readonly string[]
  /** `nextAt` is null for a delivery that is given up. */
  readonly failed: readonly { readonly eventId: string; readonly nextAt: number | null }[]
  /** Whether the receiver answered that it is gone. */
  readonly gone: boolean
}

/** Deliveries of events to the receiver of webhooks. */
export function outboxStore(database: Database) {
  return {
    /** Takes deliveries that are due; none while deliveries are paused. */
    async leaseDeliveries(options: { now: number; leasedUntil: number; limit: number }): Promise<Lease> {
      const args = { ...options, lease: newClaim() }
      const { leased } = await database.write({ taken: leaseDue(args), leased: readLeased(args) })
      return {
        id: args.lease,
        deliveries: leased.map(({ issuer, sub, ...rest }) => ({ ...rest, subject: { issuer, sub } })),
      }
    },

    /** Writes how the tries of a lease ended. */
    async settleDeliveries(lease: Lease, options: { settlement: Settlement; now: number }): Promise<void> {
      const { delivered, failed, gone } = options.settlement
      await database.write({
        delivered: deleteDelivered({ delivered: JSON.stringify(delivered), lease: lease.id }),
        failed: postponeFailed({ failed: JSON.stringify(failed), lease: lease.id }),
        paused: gone ? [pauseDeliveries({ now: options.now })] : [],
      })
    },

    /** How many deliveries wait, counted up to `most`, and since when the oldest does. */
    async measureOutbox(most: number): Promise<{ waiting: number; oldest: number | null }> {
      const { measured } = await database.read({ measured: measureWaiting({ most }) })
      return only(measured)
    },
  }
}
