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
export type Faults = Readonly<Record<'database' | 'worker' | 'both' | 'stall', number>>

/** What was done how often, and how long it took from each kill until a client was answered, in milliseconds. */
export type Injected = { readonly faults: Faults; readonly recoveries: readonly number[] }

/** Injects faults at random moments until all is done or the time is over. Throws when it does not come back by itself. */
export async function injectFaults(
  service: KillableService,
  options: { readonly crowd: Crowd; readonly faults: Faults; readonly limitMs: number },
): Promise<Injected> {
  const left: Record<keyof Faults, number> = { ...options.faults }
  const done: Record<keyof Faults, number> = { database: 0, worker: 0, both: 0, stall: 0 }
  const deadline = Date.now() + options.limitMs
  const recoveries: number[] = []
  while (Object.values(left).some((count) => count > 0) && Date.now() < deadline) {
    await sleep(between(PEACE_MS.least, PEACE_MS.most))
    const fault = anyOf(left)
    left[fault] -= 1
    const injectedAt = performance.now()
    await inject(service, fault)
    done[fault] += 1
    if (Math.random() < IMPATIENCE) continue
    await untilAnswered(options.crowd)
    if (fault !== 'stall') recoveries.push(performance.now() - injectedAt)
  }
  return { faults: done, recoveries }
}

function anyOf(left: Faults): keyof Faults {
  return pick<keyof Faults>([
    [left.database, 'database'],
    [left.worker, 'worker'],
    [left.both, 'both'],
    [left.stall, 'stall'],
  ])
}

async function inject(service: KillableService, fault: keyof Faults): Promise<void> {
  switch (fault) {
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
