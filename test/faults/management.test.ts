import { describe, expect, it } from 'vitest'
import { addPhone, adminToken, holdClock, outcomeOf, pass, readyAccount, setThrottle } from '../support/account.ts'
import { FAULTS, type Fault, HARMLESS, UNSENT, UNTOLD } from '../support/fault.ts'
import { setUp } from '../support/life.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { rowsOf, type SubjectRows } from '../support/rows.ts'
import { PROFILE, type Service, startService } from '../support/service.ts'

const LONGEST_ANSWER_MS = 5_000
/** Cases side by side: a hanging call takes seconds, and the database takes only so many calls at once. */
const PORTION = 5
const CHALLENGE = `POST ${PROFILE}/challenge`
holdClock()

/** A subject of its own behind a service of its own, with two authenticators and a throttle that counted. */
async function world() {
  const service = startService()
  const account = await readyAccount(service)
  const { backupCodes } = account
  const second = await addPhone(service, account, { backup_code: backupCodes[9] })
  await setThrottle(account.sub, { failures: 2, retryAt: null })
  return { service, ...account, second, admin: await adminToken() }
}
type World = Awaited<ReturnType<typeof world>>
type Proof = 'code' | 'backup_code'

const proofIn = ({ secret, backupCodes }: World, kind: Proof) =>
  kind === 'code' ? { code: codeOf(secret) } : { backup_code: backupCodes[0] }

/** What shows that an operation was done, each mark by itself: all of them hold or none does. */
type Marks = (before: SubjectRows, after: SubjectRows, world: World) => Readonly<Record<string, boolean>>

const generation = ({ subject }: SubjectRows) => Number(subject[0]?.['generation'])
const raised: Marks = (before, after) => ({ generation: generation(after) === generation(before) + 1 })
const recorded =
  (type: string): Marks =>
  (_, after) => ({ event: after.event.some((row) => row['type'] === type) })
const cleared: Marks = (_, after) => ({ throttle: after.subject[0]?.['failures'] === 0 })
const repeatGone: Marks = (_, after) => ({ repeat: after.verify_repeat.length === 0 })
const off: Marks = (_, after) => ({
  authenticators: after.authenticator.length === 0,
  codes: after.backup_code.length === 0,
  enabled: after.subject[0]?.['enabled_at'] === null,
})
/** The proof is used up, where its row is still there to tell. */
const used: Marks = (before, after) => ({
  proof:
    after.event.length > before.event.length ||
    stepsIn(after) > stepsIn(before) ||
    usedCodes(after) > usedCodes(before),
})
const stepsIn = ({ authenticator }: SubjectRows) =>
  authenticator.reduce((sum, row) => sum + Number(row['last_step'] ?? 0), 0)
const usedCodes = ({ backup_code }: SubjectRows) => backup_code.filter((row) => row['used_at'] !== null).length
const all =
  (...marks: readonly Marks[]): Marks =>
  (...args) =>
    Object.assign({}, ...marks.map((each) => each(...args)))

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
type Answer = Awaited<ReturnType<Service['call']>>

/** Asks under a fault; answers what came of it, once it is sure that this was well-formed and in time. */
async function askUnderFault(world: World, options: { call: number; fault: Fault; ask: () => Promise<Answer> }) {
  const { call, fault, ask } = options
  const before = await rowsOf(world.sub)
  await world.service.plan({ [call]: fault })
  const startedAt = performance.now()
  const answer = await ask()
  expect(performance.now() - startedAt).toBeLessThan(LONGEST_ANSWER_MS)
  await world.service.plan({})
  expect(outcomeOf(answer)).toBe(HARMLESS.includes(fault) ? '200' : '503 unavailable')
  if (answer.status === 503) {
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(answer.text).not.toMatch(/sqlite|libsql|planted|hrana/i)
  }
  return { before, after: await rowsOf(world.sub), answer }
}

/** Whether it was done; fails where it was done by half. */
function wasDone(marks: Readonly<Record<string, boolean>>): boolean {
  const held = Object.values(marks)
  expect(marks).toEqual(Object.fromEntries(Object.keys(marks).map((name) => [name, held[0]])))
  return held[0] === true
}

async function inPortions<Case>(cases: readonly Case[], walk: (each: Case) => Promise<void>): Promise<void> {
  for (let from = 0; from < cases.length; from += PORTION) {
    await Promise.all(cases.slice(from, from + PORTION).map(walk))
  }
}

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
      const mine = await world()
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
    await inPortions(CASES, walk)
  })

  it.each(FAULTS)('counts a wrong code at most, under the fault %s', async (fault) => {
    const mine = await world()
    const { service, token, secret, sub } = mine
    await service.plan({ 1: fault })
    const answer = await service.call(CHALLENGE, { token, body: { code: wrongCode(secret) } })
    expect(outcomeOf(answer)).toBe(HARMLESS.includes(fault) ? '400 invalid-code' : '503 unavailable')
    // Two copies of one charge count as two: over-counted, never under.
    const counted = fault === 'twice' ? 2 : Number(!UNSENT.includes(fault))
    expect((await rowsOf(sub)).subject[0]?.['failures']).toBe(2 + counted)
  })

  it.each(FAULTS)('starts its wait even if the record of that meets the fault %s', async (fault) => {
    const mine = await world()
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

describe('an operation without a proof', () => {
  it.each(FAULTS)('is done whole or not at all under the fault %s', async (fault) => {
    const walk = async ({ name, ask, marks }: (typeof PLAIN)[number]) => {
      const mine = await world()
      const { before, after } = await askUnderFault(mine, { call: 1, fault, ask: () => ask(mine) })
      const found = marks(before, after, mine)
      const isWrite = Object.keys(found).length > 0
      expect([name, wasDone(found)]).toEqual([name, isWrite && !UNSENT.includes(fault)])
    }
    await inPortions(PLAIN, walk)
  })

  it.each(FAULTS)('drops a pending secret or leaves it whole, under the fault %s', async (fault) => {
    const mine = await world()
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
