import { setTimeout as sleep } from 'node:timers/promises'
import { newAccount } from './account.ts'
import type { Crowd } from './asking.ts'
import { between, pick } from './chance.ts'
import { isAcknowledged } from './history.ts'
import type { KillableService } from './killable.ts'
import { send } from './sending.ts'

const RECOVERY_MS = 30_000
const POLL_MS = 20
/** How long it is left alone. */
const PEACE_MS = { least: 0, most: 400 }
/** Some kills come while it has not yet recovered from the last one. */
const IMPATIENCE = 0.15
/** Longer than the Worker waits for its database. */
const STALL_MS = 2_400

/** How often each thing happens: kills of the one, the other and both at once, and stalls of the database. */
export type Blows = Readonly<Record<'database' | 'worker' | 'both' | 'stall', number>>

/** What was done how often, and how long it took from each kill until a client was answered, in milliseconds. */
export type Reaping = { readonly blows: Blows; readonly recoveries: readonly number[] }

/** Strikes at random moments until all is done or the time is over. Throws when it does not come back by itself. */
export async function reap(
  service: KillableService,
  options: { readonly crowd: Crowd; readonly blows: Blows; readonly limitMs: number },
): Promise<Reaping> {
  const left: Record<keyof Blows, number> = { ...options.blows }
  const done: Record<keyof Blows, number> = { database: 0, worker: 0, both: 0, stall: 0 }
  const deadline = Date.now() + options.limitMs
  const recoveries: number[] = []
  while (Object.values(left).some((count) => count > 0) && Date.now() < deadline) {
    await sleep(between(PEACE_MS.least, PEACE_MS.most))
    const blow = anyOf(left)
    left[blow] -= 1
    const struckAt = performance.now()
    await strike(service, blow)
    done[blow] += 1
    if (Math.random() < IMPATIENCE) continue
    await untilAnswered(options.crowd)
    if (blow !== 'stall') recoveries.push(performance.now() - struckAt)
  }
  return { blows: done, recoveries }
}

function anyOf(left: Blows): keyof Blows {
  return pick<keyof Blows>([
    [left.database, 'database'],
    [left.worker, 'worker'],
    [left.both, 'both'],
    [left.stall, 'stall'],
  ])
}

async function strike(service: KillableService, blow: keyof Blows): Promise<void> {
  switch (blow) {
    case 'database':
      return service.killDatabase()
    case 'worker':
      return service.killWorker()
    case 'both':
      await Promise.all([service.killDatabase(), service.killWorker()])
      return
    case 'stall':
      return service.stallDatabase(STALL_MS)
  }
}

/** Waits until a client that has nothing to do with it all is answered. */
export async function untilAnswered({ url, settings, history }: Crowd): Promise<void> {
  const { sub, token } = await newAccount(settings)
  const deadline = Date.now() + RECOVERY_MS
  for (;;) {
    const entry = await send({ url, sub, token, operation: 'status' })
    history.push(entry)
    if (isAcknowledged(entry)) return
    if (Date.now() > deadline) throw new Error('the service did not recover')
    await sleep(POLL_MS)
  }
}
