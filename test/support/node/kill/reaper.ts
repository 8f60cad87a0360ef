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

/** What was killed how often, and how long it took from each kill until a client was answered, in milliseconds. */
export type Reaping = { readonly database: number; readonly worker: number; readonly recoveries: readonly number[] }

/** Kills at random moments until all kills are done or the time is over. Throws when it does not come back by itself. */
export async function reap(
  service: KillableService,
  options: { readonly crowd: Crowd; readonly database: number; readonly worker: number; readonly limitMs: number },
): Promise<Reaping> {
  const { crowd, limitMs } = options
  const left = { database: options.database, worker: options.worker }
  const deadline = Date.now() + limitMs
  const recoveries: number[] = []
  while (left.database + left.worker > 0 && Date.now() < deadline) {
    await sleep(between(PEACE_MS.least, PEACE_MS.most))
    const killedAt = performance.now()
    const victim = pick([
      [left.database, 'database'],
      [left.worker, 'worker'],
    ] as const)
    left[victim] -= 1
    await (victim === 'database' ? service.killDatabase() : service.killWorker())
    if (Math.random() < IMPATIENCE) continue
    await untilAnswered(crowd)
    recoveries.push(performance.now() - killedAt)
  }
  return { database: options.database - left.database, worker: options.worker - left.worker, recoveries }
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
