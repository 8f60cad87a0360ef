import { nextAttemptAt } from '../core/backoff.ts'
import type { Delivery } from '../core/delivery.ts'
import type { Services } from '../services.ts'

type Deliver = NonNullable<Services['deliver']>
type Outcome = { readonly delivery: Delivery; readonly outcome: Awaited<ReturnType<Deliver>> }

/** Deliveries that are taken together. */
const LEASE = 60
/** Tries under way at once: as many connections as a Worker may have open. */
const AT_ONCE = 6
/** No new try of a tick begins after this long. */
const TICK_MS = 45_000
/** Nor of a run that follows an answer: the edge ends what comes after an answer when 30 s are over. */
const AFTER_ANSWER_MS = 10_000
/** Deliveries of one run, below the number of requests that an invocation may make. */
const RUN_MOST = 780
/** How long nobody else tries what was taken; a delivery whose run died is tried again after it. */
const LEASE_MS = 90_000

/** What a tick delivers. */
export function deliverOutbox(services: Services): Promise<Deliveries> {
  return deliverFor(TICK_MS, services)
}

/** What is delivered right after an answer. */
export function deliverAfterAnswer(services: Services): Promise<Deliveries> {
  return deliverFor(AFTER_ANSWER_MS, services)
}

/** How many events reached the receiver and how many did not. */
type Deliveries = { delivered: number; failed: number }

/** Delivers what is due, for a bounded time. */
async function deliverFor(runMs: number, services: Services): Promise<Deliveries> {
  const sum = { delivered: 0, failed: 0 }
  const { deliver } = services
  if (deliver === undefined) return sum
  const endsAt = services.now() + runMs
  for (let taken = LEASE; taken === LEASE && services.now() < endsAt && total(sum) < RUN_MOST; ) {
    const outcomes = await deliverLease(services, { deliver, endsAt })
    taken = outcomes.length
    const delivered = outcomes.filter(isDelivered).length
    sum.delivered += delivered
    sum.failed += outcomes.length - delivered
  }
  return sum
}

function total({ delivered, failed }: Deliveries): number {
  return delivered + failed
}

/** Takes deliveries and tries them, until the receiver says that it is gone or the time is over. */
async function deliverLease(
  services: Services,
  options: { deliver: Deliver; endsAt: number },
): Promise<readonly Outcome[]> {
  const { store, now } = services
  const lease = await store.leaseDeliveries({ now: now(), leasedUntil: now() + LEASE_MS, limit: LEASE })
  const outcomes: Outcome[] = []
  for (let from = 0; from < lease.deliveries.length; from += AT_ONCE) {
    if (now() >= options.endsAt || outcomes.some(isGone)) break
    const group = await tryAll(lease.deliveries.slice(from, from + AT_ONCE), { ...options, now })
    // Written down at once: a run that breaks off repeats no more than one group.
    await store.settleDeliveries(lease, { settlement: settle(group, services), now: now() })
    outcomes.push(...group)
  }
  return outcomes
}

function tryAll(deliveries: readonly Delivery[], options: { deliver: Deliver; now: () => number }): Promise<Outcome[]> {
  const { deliver, now } = options
  return Promise.all(deliveries.map(async (delivery) => ({ delivery, outcome: await deliver(delivery, now()) })))
}

function isDelivered({ outcome }: Outcome): boolean {
  return outcome.kind === 'delivered'
}

function isGone({ outcome }: Outcome): boolean {
  return outcome.kind === 'gone'
}

function settle(outcomes: readonly Outcome[], services: Services) {
  const failures = outcomes.filter((each) => !isDelivered(each))
  return {
    delivered: outcomes.filter(isDelivered).map(({ delivery }) => delivery.eventId),
    failed: failures.map((each) => ({ eventId: each.delivery.eventId, nextAt: retryAt(each, services) })),
    gone: outcomes.some(isGone),
  }
}

function retryAt({ delivery, outcome }: Outcome, { random, now }: Services): number | null {
  const { attempts, createdAt } = delivery
  const retryAfterMs = outcome.kind === 'failed' ? outcome.retryAfterMs : 0
  const jitter = (random.bytes(1)[0] ?? 0) / 255
  return nextAttemptAt({ attempts: attempts + 1, createdAt, now: now(), retryAfterMs, jitter }) ?? null
}
