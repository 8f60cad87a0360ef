import type { Database } from '../src/store/client.ts'
import { CliError } from './cli-error.ts'
import { outboxStore, type QueuedDelivery } from './store/outbox.ts'

const MAX_LISTED = 1_000

/** Prints the queued webhook deliveries, abandoned ones first, and since when deliveries are paused. */
export async function listOutbox(database: Database): Promise<void> {
  const { waiting, pausedAt } = await outboxStore(database).listOutbox(MAX_LISTED)
  if (pausedAt !== null) console.log(`Paused since ${new Date(pausedAt).toISOString()}: the receiver answered 410.`)
  for (const each of waiting) console.log(describe(each))
  console.log(`${waiting.length}${waiting.length === MAX_LISTED ? ' or more' : ''} queued`)
}

function describe({ eventId, type, attempts, nextAt, issuer, sub }: QueuedDelivery): string {
  const next = nextAt === null ? 'given up' : `next try ${new Date(nextAt).toISOString()}`
  return `${eventId}  ${type}  ${attempts} failed  ${next}  ${issuer} ${sub}`
}

/**
 * Schedules one delivery, or all of them, for the next cron run and ends a pause. Throws a {@link CliError} when
 * `eventId` is unknown.
 */
export async function retryDeliveries(database: Database, eventId: string | undefined): Promise<void> {
  const found = await outboxStore(database).retryDeliveries({ now: Date.now(), eventId })
  if (!found) throw new CliError(`There is no queued delivery of the event ${eventId}.`)
  console.log('The next cron run tries again.')
}
