import { afterEach, describe, expect, it, vi } from 'vitest'
import { enroll, setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const VERIFY = `POST ${PROFILE}/verify`
const service = startService()

afterEach(() => {
  vi.useRealTimers()
})

describe('verify', () => {
  it('turns MFA on with the first right code and gives the ten backup codes', async () => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const { status, body } = await service.call(VERIFY, { token, body: { code: codeOf(secret), extra: 1 } })
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: 'MFA enabled', backup_codes: expect.any(Array) })
    expect(body['backup_codes']).toHaveLength(10)
    expect(await service.call(`GET ${PROFILE}`, { token })).toMatchObject({
      body: { enabled: true, pending: null, backup_codes: { total: 10, remaining: 10 } },
    })
  })

  it('gives the same codes again to the same token with the same code', async () => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const code = codeOf(secret)
    const first = await service.call(VERIFY, { token, body: { code } })
    const again = await service.call(VERIFY, { token, body: { code } })
    expect(again.status).toBe(200)
    expect(again.body).toEqual(first.body)
  })

  it('gives them to no other token of the same subject', async () => {
    const { sub, token } = await newUser()
    const secret = await setUp(service, token)
    const code = codeOf(secret)
    await service.call(VERIFY, { token, body: { code } })
    const other = await accessToken({ sub })
    expect(await service.call(VERIFY, { token: other, body: { code } })).toMatchObject({
      status: 400,
      body: { title: 'No pending enrollment' },
    })
  })

  it('counts round trips as the design says', async () => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const body = { code: codeOf(secret) }
    expect(await service.countCalls(() => service.call(VERIFY, { token, body: { code: wrongCode(secret) } }))).toBe(1)
    expect(await service.countCalls(() => service.call(VERIFY, { token, body }))).toBe(2)
    expect(await service.countCalls(() => service.call(VERIFY, { token, body }))).toBe(2)
    expect(await service.countCalls(() => service.call(VERIFY, { token, body: { code: 'abc' } }))).toBe(0)
    expect(await service.countCalls(() => service.call(VERIFY, { token: 'abc', body }))).toBe(0)
  })

  it('survives fifty right codes at once with exactly one transition', async () => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const body = { code: codeOf(secret) }
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.call(VERIFY, { token, body })))
    const successes = answers.filter(({ status }) => status === 200)
    expect(successes.length).toBeGreaterThan(0)
    expect(new Set(successes.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ status }) => ![200, 400].includes(status))).toEqual([])
  })

  it('forgets the repeat after 120 seconds', async () => {
    const { token } = await newUser()
    const { secret } = await enroll(service, token)
    const code = codeOf(secret)
    vi.setSystemTime(Date.now() + 120_000)
    expect((await service.call(VERIFY, { token, body: { code } })).status).toBe(400)
  })
})
