import { describe, expect, it } from 'vitest'
import { holdClock, outcomeOf, pass } from '../support/account.ts'
import {
  all,
  askUnderFault,
  cleared,
  inPortions,
  type Marks,
  newWorld,
  off,
  raised,
  recorded,
  repeatGone,
  type World,
  wasDone,
} from '../support/atomicity.ts'
import { FAULTS, HARMLESS, UNSENT } from '../support/fault.ts'
import { setUp } from '../support/life.ts'
import { codeOf } from '../support/phone.ts'
import { rowsOf } from '../support/rows.ts'
import { type Answer, PROFILE } from '../support/service.ts'

holdClock()

/** Operations without a proof. */
const PLAIN: readonly { name: string; ask: (world: World) => Promise<Answer>; marks: Marks }[] = [
  {
    name: 'rename',
    ask: ({ service, token, second }) =>
      service.call(`PATCH ${PROFILE}/authenticators/${second.id}`, { token, body: { name: 'New' } }),
    marks: (_, after) => ({ name: after.authenticator.some((row) => row['name'] === 'New') }),
  },
  { name: 'events', ask: ({ service, token }) => service.call(`GET ${PROFILE}/events`, { token }), marks: () => ({}) },
  {
    name: 'admin status',
    ask: ({ service, sub, admin }) => service.call(`GET /api/admin/users/${sub}/mfa`, { token: admin }),
    marks: () => ({}),
  },
  {
    name: 'reset',
    ask: ({ service, sub, admin }) =>
      service.call(`POST /api/admin/users/${sub}/mfa/reset`, { token: admin, body: { reason: 'x' } }),
    marks: all(raised, repeatGone, cleared, off, recorded('admin.reset')),
  },
  {
    name: 'unlock',
    ask: ({ service, sub, admin }) =>
      service.call(`POST /api/admin/users/${sub}/mfa/unlock`, { token: admin, body: { reason: 'x' } }),
    marks: all(cleared, recorded('admin.unlocked'), (_, after) => ({ at: after.subject[0]?.['unlocked_at'] !== null })),
  },
]
describe('an operation without a proof', () => {
  it.each(FAULTS)('is done whole or not at all under the fault %s', async (fault) => {
    const walk = async ({ name, ask, marks }: (typeof PLAIN)[number]) => {
      const mine = await newWorld()
      const { before, after } = await askUnderFault(mine, { call: 1, fault, ask: () => ask(mine) })
      const found = marks(before, after, mine)
      const isWrite = Object.keys(found).length > 0
      expect([name, wasDone(found)]).toEqual([name, isWrite && !UNSENT.includes(fault)])
    }
    await inPortions(PLAIN, { fault, walk })
  })

  it.each(FAULTS)('drops a pending secret or leaves it whole, under the fault %s', async (fault) => {
    const mine = await newWorld()
    const { service, token, backupCodes, sub } = mine
    const secret = await setUp(service, token, { backup_code: backupCodes[1] })
    await service.plan({ 1: fault })
    const answer = await service.call(`DELETE ${PROFILE}/setup`, { token })
    expect(outcomeOf(answer)).toBe(HARMLESS.includes(fault) ? '204' : '503 unavailable')
    const dropped = !UNSENT.includes(fault)
    expect((await rowsOf(sub)).authenticator).toHaveLength(dropped ? 2 : 3)
    pass()
    const { status } = await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })
    expect(status).toBe(dropped ? 400 : 200)
  })
})
