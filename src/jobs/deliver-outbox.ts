import { nextAttemptAt } from '../core/backoff.ts'
import type { Delivery, DeliveryOutcome } from '../core/delivery.ts'
import type { Services } from '../services.ts'

type Deliver = NonNullable<Services['deliver']>
type Attempt = { readonly delivery: Delivery; readonly outcome: DeliveryOutcome }

/** The number of deliveries in one lease. */
const LEASE_SIZE = 60
/** Concurrent attempts: the number of connections that a Worker may have open. */
const CONCURRENCY = 6
/** Milliseconds after which a scheduled run starts no further attempt. */
const SCHEDULED_RUN_MS = 45_000
/** The same for a run after a response; Cloudflare ends such work 30 s after the response. */
const AFTER_RESPONSE_MS = 10_000
/** The maximum number of deliveries of one run, below the limit of subrequests of an invocation. */
const RUN_MOST = 780
/** Milliseconds until another run may lease the same deliveries, in case the first one died. */
const LEASE_MS = 90_000

/** Delivers due events in a scheduled run. */
export function deliverOutbox(services: Services): Promise<Deliveries> {
  return deliverFor(SCHEDULED_RUN_MS, services)
}

/** Delivers due events after a response. */
export function deliverAfterResponse(services: Services): Promise<Deliveries> {
  return deliverFor(AFTER_RESPONSE_MS, services)
}

/** The number of attempts by result. */
type Deliveries = { delivered: number; failed: number }

/** Delivers due events for a limited time. */
async function deliverFor(runMs: number, services: Services): Promise<Deliveries> {
  const sum = { delivered: 0, failed: 0 }
  const { deliver } = services
  if (deliver === undefined) return sum
  const endsAt = services.now() + runMs
  for (let attempted = LEASE_SIZE; attempted === LEASE_SIZE && services.now() < endsAt && total(sum) < RUN_MOST; ) {
    const attempts = await deliverLease(services, { deliver, endsAt })
    attempted = attempts.length
    const delivered = attempts.filter(isDelivered).length
    sum.delivered += delivered
    sum.failed += attempts.length - delivered
  }
  return sum
}

function total({ delivered, failed }: Deliveries): number {
  return delivered + failed
}

/** Leases deliveries and attempts them, until the receiver responds 410 or the time is up. */
async function deliverLease(
  services: Services,
  options: { deliver: Deliver; endsAt: number },
): Promise<readonly Attempt[]> {
  const { store, now } = services
  const lease = await store.leaseDeliveries({ now: now(), leasedUntil: now() + LEASE_MS, limit: LEASE_SIZE })
  const attempts: Attempt[] = []
  for (let from = 0; from < lease.deliveries.length; from += CONCURRENCY) {
    if (now() >= options.endsAt || attempts.some(isGone)) break
    const group = await attemptAll(lease.deliveries.slice(from, from + CONCURRENCY), { ...options, now })
    // Settled after each group, so that an interrupted run repeats at most one of them.
    await store.settleDeliveries(lease, { settlement: settlementOf(group, services), now: now() })
    attempts.push(...group)
  }
  return attempts
}

function attemptAll(
  deliveries: readonly Delivery[],
  options: { deliver: Deliver; now: () => number },
): Promise<Attempt[]> {
  const { deliver, now } = options
  return Promise.all(deliveries.map(async (delivery) => ({ delivery, outcome: await deliver(delivery, now()) })))
}

function isDelivered({ outcome }: Attempt): boolean {
  return outcome.kind === 'delivered'
}

function isGone({ outcome }: Attempt): boolean {
  return outcome.kind === 'gone'
}

function settlementOf(attempts: readonly Attempt[], services: Services) {
  const failures = attempts.filter((each) => !isDelivered(each))
  return {
    delivered: attempts.filter(isDelivered).map(({ delivery }) => delivery.eventId),
    failed: failures.map((each) => ({ eventId: each.delivery.eventId, nextAt: retryAt(each, services) })),
    gone: attempts.some(isGone),
  }
}

function retryAt({ delivery, outcome }: Attempt, { random, now }: Services): number | null {
  const { attempts, createdAt } = delivery
  const retryAfterMs = outcome.kind === 'failed' ? outcome.retryAfterMs : 0
  const jitter = (random.bytes(1)[0] ?? 0) / 255
  return nextAttemptAt({ attempts: attempts + 1, createdAt, now: now(), retryAfterMs, jitter }) ?? null
}
