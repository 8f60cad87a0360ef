import { describe, expect, it } from 'vitest'
import { holdClock, outcomeOf, setThrottle } from '../support/account.ts'
import {
  all,
  askUnderFault,
  cleared,
  inPortions,
  newWorld,
  off,
  raised,
  recorded,
  repeatGone,
  used,
  type World,
  wasDone,
} from '../support/atomicity.ts'
import { FAULTS, HARMLESS, UNSENT, UNTOLD } from '../support/fault.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { rowsOf } from '../support/rows.ts'
import { PROFILE } from '../support/service.ts'

const CHALLENGE = `POST ${PROFILE}/challenge`
holdClock()

type Proof = 'code' | 'backup_code'

const proofIn = ({ secret, backupCodes }: World, kind: Proof) =>
  kind === 'code' ? { code: codeOf(secret) } : { backup_code: backupCodes[0] }

/** Operations that a proof authorises. */
const PROVEN = [
  { path: () => '/challenge', marks: all(used, recorded('challenge.passed'), cleared) },
  { path: () => '/setup', marks: all(used, cleared, (_, after) => ({ pending: after.authenticator.length === 3 })) },
  {
    path: () => '/backup-codes',
    marks: all(raised, repeatGone, cleared, recorded('backup_codes.regenerated'), (before, after) => {
      const old = new Set(before.backup_code.map((row) => row['hash']))
      const isFresh = after.backup_code.every((row) => !old.has(row['hash']))
      expect(after.backup_code).toHaveLength(10)
      return { codes: isFresh }
    }),
  },
  { path: () => '/disable', marks: all(raised, repeatGone, cleared, off, recorded('mfa.disabled')) },
  {
    path: ({ second }: World) => `/authenticators/${second.id}/remove`,
    marks: all(used, raised, repeatGone, cleared, recorded('authenticator.removed'), (_, after, { second }) => ({
      gone: !after.authenticator.some((row) => row['id'] === second.id),
    })),
  },
] as const

/** The proof once more, then again: it is accepted once in all, and so never where the operation was done. */
async function expectUsedOnce(world: World, options: { body: object; done: boolean; isOn: boolean }): Promise<void> {
  const { body, done, isOn } = options
  const ask = async () => outcomeOf(await world.service.call(CHALLENGE, { token: world.token, body }))
  const refused = isOn ? '400 invalid-code' : '409 mfa-not-enabled'
  expect(await ask()).toBe(done ? refused : '200')
  expect(await ask()).toBe(refused)
}

const CASES = (['code', 'backup_code'] as const).flatMap((kind) =>
  (kind === 'code' ? [1, 2] : [1]).flatMap((call) => PROVEN.map((operation) => ({ kind, call, operation }))),
)

describe('an operation that a proof authorises', () => {
  it.each(FAULTS)('is done whole or not at all, and its proof is used once, under the fault %s', async (fault) => {
    const walk = async ({ kind, call, operation }: (typeof CASES)[number]) => {
      const mine = await newWorld()
      const { service, token } = mine
      const body = proofIn(mine, kind)
      const ask = () => service.call(`POST ${PROFILE}${operation.path(mine)}`, { token, body })
      const { before, after } = await askUnderFault(mine, { call, fault, ask })
      const done = wasDone(operation.marks(before, after, mine))
      const committed = HARMLESS.includes(fault) || (UNTOLD.includes(fault) && (kind === 'backup_code' || call === 2))
      expect([operation.path(mine), kind, call, done]).toEqual([operation.path(mine), kind, call, committed])
      const isOn = after.subject[0]?.['enabled_at'] !== null
      await expectUsedOnce(mine, { body, done, isOn })
    }
    await inPortions(CASES, { fault, walk })
  })

  it.each(FAULTS)('counts a wrong code at most, under the fault %s', async (fault) => {
    const mine = await newWorld()
    const { service, token, secret, sub } = mine
    await service.plan({ 1: fault })
    const answer = await service.call(CHALLENGE, { token, body: { code: wrongCode(secret) } })
    expect(outcomeOf(answer)).toBe(HARMLESS.includes(fault) ? '400 invalid-code' : '503 unavailable')
    // Two copies of one charge count as two: over-counted, never under.
    const counted = fault === 'twice' ? 2 : Number(!UNSENT.includes(fault))
    expect((await rowsOf(sub)).subject[0]?.['failures']).toBe(2 + counted)
  })

  it.each(FAULTS)('starts its wait even if the record of that meets the fault %s', async (fault) => {
    const mine = await newWorld()
    const { service, token, secret, sub } = mine
    await setThrottle(sub, { failures: 4, retryAt: null })
    await service.plan({ 2: fault })
    const ask = async (code: string) => outcomeOf(await service.call(CHALLENGE, { token, body: { code } }))
    expect(await ask(wrongCode(secret))).toBe(HARMLESS.includes(fault) ? '400 invalid-code' : '503 unavailable')
    expect(await ask(codeOf(secret))).toBe('429 too-many-attempts')
    const started = (await rowsOf(sub)).event.filter((row) => row['type'] === 'throttle.started')
    expect(started).toHaveLength(UNSENT.includes(fault) ? 0 : 1)
  })
})
