import { describe, expect, it } from 'vitest'
import { FAULTS, type Fault, HARMLESS, UNTOLD } from '../support/fault.ts'
import { enroll, setUp } from '../support/life.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { expectProblem } from '../support/problems.ts'
import { rowsOf } from '../support/rows.ts'
import { type Answer, newUser, PROFILE, type Service, startService } from '../support/service.ts'

const LONGEST_ANSWER_MS = 5_000
const VERIFY = `POST ${PROFILE}/verify`
const SETUP = `POST ${PROFILE}/setup`
const CANCEL = `DELETE ${PROFILE}/setup`
const STATUS = `GET ${PROFILE}`

/** Faults after which the work of the call was done. */
const DONE: readonly Fault[] = [...UNTOLD, ...HARMLESS]
const faultsOf = (...calls: readonly number[]) => calls.flatMap((call) => FAULTS.map((fault) => ({ call, fault })))

/** Runs an operation with one fault; the answer must come in time, and be the problem of a failing database. */
async function callFailing(
  service: Service,
  operation: string,
  options: { call: number; fault: Fault; token: string; body?: unknown },
): Promise<Answer> {
  const { call, fault, ...request } = options
  await service.plan({ [call]: fault })
  const startedAt = performance.now()
  const answer = await service.call(operation, request)
  expect(performance.now() - startedAt).toBeLessThan(LONGEST_ANSWER_MS)
  if (!HARMLESS.includes(fault)) expectUnavailable(answer)
  await service.plan({})
  return answer
}

function expectUnavailable(answer: Answer): void {
  expectProblem(answer, 'unavailable')
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
}

/** Invariants 1 and 3: what is stored is whole, and the status says the same as the rows. */
async function expectTruth(service: Service, { sub, token }: { sub: string; token: string }) {
  const { subject, authenticator, backup_code, event } = await rowsOf(sub)
  const count = (state: string) => authenticator.filter((each) => each['state'] === state).length
  const active = count('active')
  expect([0, 1]).toContain(active)
  expect(backup_code).toHaveLength(active * 10)
  expect(event.filter(({ type }) => type === 'mfa.enabled')).toHaveLength(active)
  expect(subject[0]?.['enabled_at'] != null).toBe(active === 1)
  const { status, body } = await service.call(STATUS, { token })
  expect(status).toBe(200)
  expect(body['enabled']).toBe(active === 1)
  expect(body['authenticators']).toHaveLength(active)
  expect(body['pending'] !== null).toBe(count('pending') === 1)
  return { active, pending: count('pending') }
}

describe('setup with a failing database', () => {
  it.concurrent.each(faultsOf(1))(
    'answers $fault, tells the truth afterwards and can be called again',
    async (fault) => {
      const service = startService()
      const user = await newUser()
      const answer = await callFailing(service, SETUP, { ...fault, token: user.token, body: {} })
      if (HARMLESS.includes(fault.fault)) expect(answer.status).toBe(200)
      const { pending } = await expectTruth(service, user)
      expect(pending).toBe(DONE.includes(fault.fault) ? 1 : 0)
      const secret = await setUp(service, user.token)
      const verified = await service.call(VERIFY, { token: user.token, body: { code: codeOf(secret) } })
      expect(verified.status).toBe(200)
      expect(await expectTruth(service, user)).toEqual({ active: 1, pending: 0 })
    },
  )
})

describe('verify with a failing database', () => {
  it.concurrent.each(faultsOf(1, 2))(
    'answers $fault of call $call, and the same request again brings the codes',
    async (fault) => {
      const service = startService()
      const user = await newUser()
      const body = { code: codeOf(await setUp(service, user.token)) }
      const answer = await callFailing(service, VERIFY, { ...fault, token: user.token, body })
      if (HARMLESS.includes(fault.fault)) expect(answer.status).toBe(200)
      const committed = HARMLESS.includes(fault.fault) || (fault.call === 2 && UNTOLD.includes(fault.fault))
      expect((await expectTruth(service, user)).active).toBe(committed ? 1 : 0)
      const again = await service.call(VERIFY, { token: user.token, body })
      expect(again.status).toBe(200)
      if (answer.status === 200) expect(again.text).toBe(answer.text)
      await expectLivingCodes(service, { ...user, codes: again.body['backup_codes'] })
    },
  )

  it.concurrent.each(faultsOf(1))('gives no guess away: $fault costs at most that attempt', async (fault) => {
    const service = startService()
    const user = await newUser()
    const code = wrongCode(await setUp(service, user.token))
    await callFailing(service, VERIFY, { ...fault, token: user.token, body: { code } })
    const next = await service.call(VERIFY, { token: user.token, body: { code } })
    // Two copies of one charge count as two: over-counted, never under.
    const counted = fault.fault === 'twice' ? 2 : Number(DONE.includes(fault.fault))
    expect(next.body['attemptsRemaining']).toBe(9 - counted)
  })

  it.concurrent.each(faultsOf(1, 2))(
    'still gives the codes after a repeat that met $fault at call $call',
    async (fault) => {
      const service = startService()
      const user = await newUser()
      // The same code each time, whichever step is the present one meanwhile.
      const request = { token: user.token, body: { code: codeOf(await setUp(service, user.token)) } }
      const { body } = await service.call(VERIFY, request)
      expect(body['backup_codes']).toHaveLength(10)
      await callFailing(service, VERIFY, { ...fault, ...request })
      expect((await service.call(VERIFY, request)).body['backup_codes']).toEqual(body['backup_codes'])
      await expectTruth(service, user)
    },
  )

  it('ends in time when both calls are slow, and when every call fails', async () => {
    for (const plan of [
      { 1: 'hang', 2: 'hang' },
      { 1: 'busy', 2: 'busy' },
      { 2: 'busy', 3: 'hang' },
    ] as const) {
      const service = startService()
      const user = await newUser()
      const body = { code: codeOf(await setUp(service, user.token)) }
      await service.plan(plan)
      const startedAt = performance.now()
      expectUnavailable(await service.call(VERIFY, { token: user.token, body }))
      expect(performance.now() - startedAt).toBeLessThan(LONGEST_ANSWER_MS)
      await service.plan({})
      expect(await expectTruth(service, user)).toEqual({ active: 0, pending: 1 })
    }
  })
})

/** One set of ten codes, of which one works, so that they are those of the transition. */
async function expectLivingCodes(
  service: Service,
  { sub, token, codes }: { sub: string; token: string; codes: unknown },
) {
  expect(codes).toHaveLength(10)
  expect(await expectTruth(service, { sub, token })).toEqual({ active: 1, pending: 0 })
  const [code] = codes as string[]
  const used = await service.call(`POST ${PROFILE}/challenge`, { token, body: { backup_code: code } })
  expect(used.body).toMatchObject({ success: true, backup_codes_remaining: 9 })
}

describe('cancelling a setup with a failing database', () => {
  it.concurrent.each(faultsOf(1))(
    'answers $fault, tells the truth afterwards and can be called again',
    async (fault) => {
      const service = startService()
      const user = await newUser()
      await setUp(service, user.token)
      const answer = await callFailing(service, CANCEL, { ...fault, token: user.token })
      if (HARMLESS.includes(fault.fault)) expect(answer.status).toBe(204)
      const { pending } = await expectTruth(service, user)
      expect(pending).toBe(DONE.includes(fault.fault) ? 0 : 1)
      expect((await service.call(CANCEL, { token: user.token })).status).toBe(204)
      expect(await expectTruth(service, user)).toEqual({ active: 0, pending: 0 })
    },
  )
})

describe('status with a failing database', () => {
  it.concurrent.each(faultsOf(1))('answers $fault with a problem, never with "MFA is off"', async (fault) => {
    const service = startService()
    const user = await newUser()
    await enroll(service, user.token)
    const answer = await callFailing(service, STATUS, { ...fault, token: user.token })
    if (HARMLESS.includes(fault.fault)) expect(answer).toMatchObject({ status: 200, body: { enabled: true } })
    else expect(answer.body).not.toHaveProperty('enabled')
    expect(await expectTruth(service, user)).toEqual({ active: 1, pending: 0 })
  })
})

describe('a call that met a lock', () => {
  it('is sent once more, and no more often', async () => {
    const service = startService()
    const { token } = await newUser()
    await service.plan({ 1: 'busy', 2: 'busy' })
    expectUnavailable(await service.call(SETUP, { token, body: {} }))
    await service.plan({ 1: 'busy' })
    expect((await service.call(SETUP, { token, body: {} })).status).toBe(200)
  })

  it('is the only one: no other fault is answered by sending again', async () => {
    const { token } = await newUser()
    const counts = await Promise.all(
      FAULTS.filter((fault) => !HARMLESS.includes(fault)).map((fault) => {
        const service = startService()
        return service.countCalls(async () => service.call(SETUP, { token, body: {} }), { 1: fault })
      }),
    )
    expect(new Set(counts)).toEqual(new Set([1]))
  })
})
