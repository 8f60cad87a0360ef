import { nextAttemptAt } from '../core/backoff.ts'
import type { Delivery } from '../core/delivery.ts'
import type { Services } from '../services.ts'

/** Deliveries of one round; no more connections than a Worker may have open at once. */
const ROUND = 6
/** Rounds of one run: a run of failures, at 15 s each, stays within what a cron invocation may take. */
const ROUNDS = 20
/** No new round begins after this long. */
const RUN_MS = 45_000
/** How long a try may take, and some more: a delivery whose run died is tried again after it. */
const LEASE_MS = 30_000

/** Delivers what is due, a bounded number of events. Answers how many reached the receiver and how many did not. */
export async function deliverOutbox(services: Services): Promise<{ delivered: number; failed: number }> {
  const startedAt = services.now()
  const sum = { delivered: 0, failed: 0 }
  if (services.deliver === undefined) return sum
  for (let round = 0; round < ROUNDS && services.now() - startedAt < RUN_MS; round += 1) {
    const done = await deliverRound(services, services.deliver)
    sum.delivered += done.delivered
    sum.failed += done.failed
    if (done.delivered + done.failed < ROUND) break
  }
  return sum
}

async function deliverRound(
  services: Services,
  deliver: NonNullable<Services['deliver']>,
): Promise<{ delivered: number; failed: number }> {
  const { store, now } = services
  const leasedAt = now()
  const lease = await store.leaseDeliveries({ now: leasedAt, leasedUntil: leasedAt + LEASE_MS, limit: ROUND })
  if (lease.deliveries.length === 0) return { delivered: 0, failed: 0 }
  const outcomes = await Promise.all(
    lease.deliveries.map(async (delivery) => ({ delivery, outcome: await deliver(delivery, now()) })),
  )
  const delivered = outcomes
    .filter(({ outcome }) => outcome.kind === 'delivered')
    .map(({ delivery }) => delivery.eventId)
  const failed = outcomes.flatMap(({ delivery, outcome }) =>
    outcome.kind === 'delivered'
      ? []
      : [
          {
            eventId: delivery.eventId,
            nextAt: retryAt(delivery, { services, retryAfterMs: outcome.kind === 'gone' ? 0 : outcome.retryAfterMs }),
          },
        ],
  )
  const gone = outcomes.some(({ outcome }) => outcome.kind === 'gone')
  await store.settleDeliveries(lease, { settlement: { delivered, failed, gone }, now: now() })
  return { delivered: delivered.length, failed: failed.length }
}

function retryAt(delivery: Delivery, options: { services: Services; retryAfterMs: number }): number | null {
  const { services, retryAfterMs } = options
  const { createdAt } = delivery
  const jitter = (services.random.bytes(1)[0] ?? 0) / 255
  const attempts = delivery.attempts + 1
  return nextAttemptAt({ attempts, createdAt, now: services.now(), retryAfterMs, jitter }) ?? null
}
