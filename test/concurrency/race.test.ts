import { describe, expect, inject, it } from 'vitest'
import { type Activation, createEnrollment, decideVerification, enrollmentAttempt } from '../../src/core/enrollment.ts'
import { createKeyring } from '../../src/core/keyring.ts'
import { openDatabase } from '../../src/store/client.ts'
import { createStore } from '../../src/store/store.ts'
import { enroll, setUp } from '../support/life.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { query, rowsOf } from '../support/rows.ts'
import { type Answer, newUser, PROFILE, startService } from '../support/service.ts'

const VERIFY = `POST ${PROFILE}/verify`
const SETUP = `POST ${PROFILE}/setup`
const STATUS = `GET ${PROFILE}`
const MINE = 'subject_id = (SELECT id FROM subject WHERE sub = ?)'
const service = startService()

const times = <Value>(count: number, work: (index: number) => Promise<Value>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))
const withStatus = (answers: readonly Answer[], status: number) => answers.filter((each) => each.status === status)
const named = (answers: readonly Answer[], name: string) =>
  answers.filter(({ body }) => String(body['type']).endsWith(`/${name}`))

/** Never active without codes, never codes without active, one transition at most. */
async function expectWhole(sub: string): Promise<void> {
  const { subject, authenticator, backup_code, event } = await rowsOf(sub)
  const active = authenticator.filter(({ state }) => state === 'active').length
  expect([0, 1]).toContain(active)
  expect(backup_code).toHaveLength(active * 10)
  expect(event.filter(({ type }) => type === 'mfa.enabled')).toHaveLength(active)
  expect(subject[0]?.['enabled_at'] != null).toBe(active === 1)
}

describe('verify in parallel', () => {
  it('makes one transition of fifty right codes, and every 200 gives the same ten codes', async () => {
    const { sub, token } = await newUser()
    const body = { code: codeOf(await setUp(service, token)) }
    const answers = await times(50, () => service.call(VERIFY, { token, body }))
    const passed = withStatus(answers, 200)
    expect(passed.length).toBeGreaterThan(0)
    expect(new Set(passed.map(({ text }) => text)).size).toBe(1)
    expect(passed[0]?.body['backup_codes']).toHaveLength(10)
    expect(answers.filter(({ status }) => ![200, 400, 429].includes(status))).toEqual([])
    expect((await rowsOf(sub)).event).toMatchObject([{ type: 'mfa.enabled' }])
    await expectWhole(sub)
  })

  it('shows the codes of that transition to be the living ones', async () => {
    const { token } = await newUser()
    const body = { code: codeOf(await setUp(service, token)) }
    const answers = await times(20, () => service.call(VERIFY, { token, body }))
    const [code] = withStatus(answers, 200).flatMap(({ body: { backup_codes } }) => backup_codes as string[])
    const used = await service.call(`POST ${PROFILE}/challenge`, { token, body: { backup_code: code } })
    expect(used.body).toMatchObject({ success: true, backup_codes_remaining: 9 })
  })

  it('evaluates ten of fifty wrong guesses, no more', async () => {
    const { sub, token } = await newUser()
    const body = { code: wrongCode(await setUp(service, token)) }
    const answers = await times(50, () => service.call(VERIFY, { token, body }))
    const evaluated = named(answers, 'invalid-code')
    expect(evaluated).toHaveLength(10)
    expect(evaluated.map(({ body: { attemptsRemaining } }) => attemptsRemaining).toSorted()).toEqual(
      Array.from({ length: 10 }, (_, left) => left),
    )
    expect(named(answers, 'no-pending-enrollment')).toHaveLength(40)
    await expectWhole(sub)
  })

  it('evaluates no more when setups run beside: at most ten for each secret handed out', async () => {
    const { sub, token } = await newUser()
    const body = { code: wrongCode(await setUp(service, token)) }
    const [guesses] = await Promise.all([
      times(60, () => service.call(VERIFY, { token, body })),
      times(2, () => service.call(SETUP, { token, body: {} })),
    ])
    expect(named(guesses, 'invalid-code').length).toBeLessThanOrEqual(30)
    await expectWhole(sub)
  })

  it('keeps ten subjects apart', async () => {
    const users = await times(10, async () => {
      const user = await newUser()
      return { ...user, secret: await setUp(service, user.token) }
    })
    const answers = await Promise.all(
      users.map(({ token, secret }) => service.call(VERIFY, { token, body: { code: codeOf(secret) } })),
    )
    expect(withStatus(answers, 200)).toHaveLength(10)
    expect(new Set(answers.flatMap(({ body }) => body['backup_codes'])).size).toBe(100)
  })
})

describe('setup in parallel', () => {
  it('leaves one pending secret of twenty, and one of the twenty shown is it', async () => {
    const { sub, token } = await newUser()
    const answers = await times(20, () => service.call(SETUP, { token, body: {} }))
    expect(withStatus(answers, 200)).toHaveLength(20)
    expect((await rowsOf(sub)).authenticator).toMatchObject([{ state: 'pending' }])
    const secrets = answers.map(({ body }) => String(body['secret']))
    const tried: Answer[] = []
    for (const secret of secrets) {
      if (withStatus(tried, 200).length === 0 && tried.length < 9) {
        tried.push(await service.call(VERIFY, { token, body: { code: codeOf(secret) } }))
      }
    }
    expect(tried.every(({ status }) => status === 200 || status === 400)).toBe(true)
    await expectWhole(sub)
  })

  it('with two setups and a verify at once ends whole, whichever came first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { sub, token } = await newUser()
      const body = { code: codeOf(await setUp(service, token)) }
      const [verified, ...setups] = await Promise.all([
        service.call(VERIFY, { token, body }),
        service.call(SETUP, { token, body: {} }),
        service.call(SETUP, { token, body: {} }),
      ])
      expect([200, 400]).toContain(verified.status)
      expect(setups.filter(({ status }) => status !== 200 && status !== 403)).toEqual([])
      const { body: status } = await service.call(STATUS, { token })
      expect(status['enabled']).toBe(verified.status === 200)
      expect(status['pending'] === null).toBe(verified.status === 200)
      await expectWhole(sub)
    }
  })
})

describe('sessions that overtake each other', () => {
  const keyring = createKeyring([{ id: 'k1', bytes: new Uint8Array(32) }])
  const random = {
    bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    uuid: () => crypto.randomUUID(),
  }
  const context = { requestId: 'r', country: null, service: null }
  const store = () => {
    const options = { url: inject('databaseUrl'), authToken: undefined, deadlineAt: Date.now() + 4000 }
    return createStore(openDatabase(options), { onQueued: undefined })
  }

  async function subjectOfNoOne() {
    const subject = { issuer: 'https://issuer.example', sub: `user-${crypto.randomUUID()}` }
    const options = { name: 'x', issuer: 'x', account: 'x', keyring, random }
    const start = () => createEnrollment(subject, { ...options, now: Date.now() })
    return { subject, start }
  }

  /** A verify up to the point where it would write. */
  async function judge(subject: { issuer: string; sub: string }, secret: string): Promise<Activation> {
    const now = Date.now()
    const tokenHash = new Uint8Array(32)
    const request = { subject, code: codeOf(secret), tokenHash, now, keyring, random }
    const snapshot = await store().chargeEnrollment(subject, {
      attempt: await enrollmentAttempt(request),
      marks: [],
      now,
    })
    const decision = await decideVerification(snapshot, request)
    if (!decision.ok || decision.value.kind !== 'activate') throw new Error('the code was right')
    return decision.value.activation
  }

  it('refuse a setup that was prepared while MFA was off and writes after a verify', async () => {
    const { sub, token } = await newUser()
    const subject = { issuer: 'https://issuer.example', sub }
    const late = await createEnrollment(subject, {
      name: 'late',
      issuer: 'x',
      account: 'x',
      now: Date.now(),
      keyring,
      random,
    })
    await enroll(service, token)
    const before = await rowsOf(sub)
    expect(await store().startEnrollment(subject, late.authenticator)).toBe(false)
    expect(await rowsOf(sub)).toEqual(before)
  })

  it('refuse a verify whose secret was replaced after it was judged', async () => {
    const { subject, start } = await subjectOfNoOne()
    const first = await start()
    await store().startEnrollment(subject, first.authenticator)
    const activation = await judge(subject, first.secret)
    const second = await start()
    await store().startEnrollment(subject, second.authenticator)
    expect(await store().activate(subject, { ...activation, context })).toEqual({
      committed: false,
      sealedRepeat: undefined,
    })
    expect((await rowsOf(subject.sub)).authenticator).toMatchObject([{ id: second.authenticator.id, state: 'pending' }])
    await expectWhole(subject.sub)
  })

  it('refuse a verify whose secret was dropped after it was judged', async () => {
    const { subject, start } = await subjectOfNoOne()
    const { authenticator, secret } = await start()
    await store().startEnrollment(subject, authenticator)
    const activation = await judge(subject, secret)
    await store().cancelEnrollment({ subject, eventId: crypto.randomUUID(), context, now: Date.now() })
    expect(await store().activate(subject, { ...activation, context })).toMatchObject({ committed: false })
    await expectWhole(subject.sub)
  })

  it.each([
    ['the factors changed', 'UPDATE subject SET generation = generation + 1 WHERE sub = ?'],
    ['the secret expired', `UPDATE authenticator SET expires_at = 1 WHERE ${MINE}`],
  ])('refuse a verify when, after it was judged, %s', async (_, change) => {
    const { subject, start } = await subjectOfNoOne()
    const { authenticator, secret } = await start()
    await store().startEnrollment(subject, authenticator)
    const activation = await judge(subject, secret)
    await query(change, subject.sub)
    expect(await store().activate(subject, { ...activation, context })).toMatchObject({ committed: false })
    await expectWhole(subject.sub)
  })

  it('let one of two verifies win that were judged at once, and the other finds its answer', async () => {
    const { subject, start } = await subjectOfNoOne()
    const { authenticator, secret } = await start()
    await store().startEnrollment(subject, authenticator)
    const [one, other] = [await judge(subject, secret), await judge(subject, secret)]
    expect(await store().activate(subject, { ...one, context })).toEqual({ committed: true })
    const lost = await store().activate(subject, { ...other, context })
    expect(lost).toEqual({ committed: false, sealedRepeat: one.repeat.sealed })
    await expectWhole(subject.sub)
  })
})

describe('one isolate', () => {
  it('answers a hundred requests of every kind at once, and then a lone one', async () => {
    const { token } = await newUser()
    await enroll(service, token)
    const kinds: (() => Promise<Answer>)[] = [
      () => service.call(STATUS, { token }),
      async () => service.call(SETUP, { ...(await newUser()), body: {} }),
      async () => service.call(VERIFY, { ...(await newUser()), body: { code: '123456' } }),
      () => service.call(VERIFY, { token, body: { code: 'x' } }),
      () => service.call(`DELETE ${PROFILE}/setup`, { token }),
      () => service.call(`POST ${PROFILE}/challenge`, { token, body: { backup_code: '0'.repeat(24) } }),
      () => service.call(`GET ${PROFILE}/events`, { token }),
      () => service.call('GET /health?deep=1'),
      () => service.call(STATUS, { token: 'x' }),
      () => service.call('GET /nowhere'),
    ]
    const answers = await times(100, (index) => kinds[index % kinds.length]?.() ?? Promise.reject(index))
    const statuses = answers.map(({ status }) => status)
    expect(statuses).toEqual(
      Array.from({ length: 10 }, () => [200, 200, 400, 400, 204, 400, 200, 200, 401, 404]).flat(),
    )
    expect((await service.call(STATUS, { token })).status).toBe(200)
  })
})
