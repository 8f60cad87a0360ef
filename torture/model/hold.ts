import fc from 'fast-check'
import { inject, vi } from 'vitest'
import { backend } from '../../test/support/backend.ts'
import { startService } from '../../test/support/service.ts'
import { type History, historyOf } from './choices.ts'
import { under } from './clock.ts'
import { run } from './commands.ts'
import { expectSameStatus } from './status.ts'
import { newWorld, TOKEN_SECONDS } from './world.ts'

/** Histories that run beside each other, each under its own clock: while one waits for the database another goes on. */
const AT_ONCE = 4
const STEP_MS = 30_000

/** Holds the service against the model, for random histories with the weights of a subject; the smallest failing one is told. */
export async function holdAgainstModel(subject: Parameters<typeof historyOf>[0]): Promise<void> {
  // Past the proxy, which no history needs and all would wait for.
  const service = startService({
    TURSO_DATABASE_URL: backend.databaseUrl,
    AUTH_MAX_LIFETIME_SECONDS: String(TOKEN_SECONDS),
  })
  // A line for every request would be sent out of the runtime one by one.
  vi.stubGlobal('console', { ...console, log: () => undefined })
  const firstStep = Math.floor(Date.now() / STEP_MS) * STEP_MS
  const holds = async ({ start, commands }: History) => {
    const world = await newWorld(service, firstStep + start)
    await under(world.state, async () => {
      for (const command of commands) await run(command, world)
      await expectSameStatus(world)
    })
  }
  const numRuns = Math.ceil(inject('modelHistories') / AT_ONCE)
  const property = () => fc.assert(fc.asyncProperty(historyOf(subject), holds), { numRuns })
  await Promise.all(Array.from({ length: AT_ONCE }, property))
}
