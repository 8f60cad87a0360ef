import fc from 'fast-check'
import { describe, expect, inject, it, vi } from 'vitest'
import { holdClock } from './support/account.ts'
import { command, run } from './support/model/commands.ts'
import { livePending } from './support/model/state.ts'
import { ask, newWorld, type World } from './support/model/world.ts'
import { startService } from './support/service.ts'

const LONGEST_HISTORY = 40
const service = startService()
holdClock()

/** The status says what the model knows. */
async function expectSameStatus(world: World): Promise<void> {
  const { state } = world
  const { status, body } = await ask(world, 'GET', { session: 0 })
  expect(status).toBe(200)
  expect({
    enabled: body['enabled'],
    isPending: body['pending'] !== null,
    authenticators: (body['authenticators'] as { id: string }[]).map(({ id }) => id).sort(),
    remaining: Object(body['backup_codes']).remaining,
  }).toEqual({
    enabled: state.phones.length > 0,
    isPending: livePending(state) !== undefined,
    authenticators: state.phones.map(({ id }) => id).sort(),
    remaining: state.backupCodes.size,
  })
}

describe('any history of clients, clocks and administrators', () => {
  it('is answered as the model of the contract says', { timeout: 1_200_000 }, async () => {
    const startedAt = Date.now()
    const history = fc.array(command, { minLength: 1, maxLength: LONGEST_HISTORY, size: 'max' })
    await fc.assert(
      fc.asyncProperty(history, async (commands) => {
        const world = await newWorld(service, startedAt)
        for (const each of commands) {
          await run(each, world)
          await expectSameStatus(world)
        }
      }),
      { numRuns: inject('modelHistories') },
    )
    vi.useRealTimers()
  })
})
