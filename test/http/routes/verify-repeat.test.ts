import { afterEach, describe, expect, it, vi } from 'vitest'
import { enroll, setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { expectProblem } from '../../support/problems.ts'
import { rowsOf } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const VERIFY = `POST ${PROFILE}/verify`
const service = startService()

/** A subject whose MFA was just turned on, and the request that did it, to be sent again. */
async function verifiedUser() {
  vi.setSystemTime(Date.now())
  const { sub, token } = await newUser()
  const { secret, backupCodes } = await enroll(service, token)
  const code = codeOf(secret)
  const repeat = () => service.call(VERIFY, { token, body: { code } })
  return { sub, token, secret, code, backupCodes, repeat }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the repeat of verify', () => {
  it('gives the same codes again to the same token with the same code', async () => {
    const { repeat, backupCodes } = await verifiedUser()
    expect(await repeat()).toMatchObject({
      status: 200,
      body: { success: true, message: 'MFA enabled', backup_codes: backupCodes },
    })
  })

  it('is given to any number of copies at once, and still afterwards', async () => {
    const { repeat, backupCodes } = await verifiedUser()
    const answers = await Promise.all(Array.from({ length: 50 }, repeat))
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect((await repeat()).body['backup_codes']).toEqual(backupCodes)
  })

  it('reads the code in another spelling', async () => {
    const { token, code, backupCodes } = await verifiedUser()
    const spelled = `${code.slice(0, 3)}-${code.slice(3)}`
    const { body } = await service.call(VERIFY, { token, body: { code: spelled } })
    expect(body['backup_codes']).toEqual(backupCodes)
  })

  it('leaves no charge, no event and no later step', async () => {
    const { sub, repeat } = await verifiedUser()
    const before = await rowsOf(sub)
    for (let time = 0; time < 8; time += 1) expect((await repeat()).status).toBe(200)
    expect(await rowsOf(sub)).toEqual(before)
    expect(before.event).toHaveLength(1)
  })

  it('gives them to no other token of the same subject', async () => {
    const { sub, code } = await verifiedUser()
    const token = await accessToken({ sub })
    expectProblem(await service.call(VERIFY, { token, body: { code } }), 'no-pending-enrollment')
  })

  it('gives them for no other code, be it right', async () => {
    const { token, secret } = await verifiedUser()
    const next = codeOf(secret, Date.now() + 30_000)
    expectProblem(await service.call(VERIFY, { token, body: { code: next } }), 'no-pending-enrollment')
  })

  it('gives them to no other subject with the same code', async () => {
    const { code } = await verifiedUser()
    const { token } = await newUser()
    expectProblem(await service.call(VERIFY, { token, body: { code } }), 'no-pending-enrollment')
  })

  it('lasts 120 seconds and no longer', async () => {
    const { sub, repeat } = await verifiedUser()
    vi.setSystemTime(Date.now() + 119_999)
    expect((await repeat()).status).toBe(200)
    vi.setSystemTime(Date.now() + 1)
    expectProblem(await repeat(), 'no-pending-enrollment')
    expect((await rowsOf(sub)).verify_repeat).toEqual([])
  })

  it('survives four attempts that do not match', async () => {
    const { token, secret, repeat } = await verifiedUser()
    for (let n = 0; n < 4; n += 1) await service.call(VERIFY, { token, body: { code: wrongCode(secret) } })
    expect((await repeat()).status).toBe(200)
  })

  it('is erased by five, whatever their token', async () => {
    const { sub, secret, repeat } = await verifiedUser()
    for (let n = 0; n < 5; n += 1) {
      const token = await accessToken({ sub })
      await service.call(VERIFY, { token, body: { code: wrongCode(secret) } })
    }
    expectProblem(await repeat(), 'no-pending-enrollment')
    expect((await rowsOf(sub)).verify_repeat).toEqual([])
  })

  it('ends with the first use of a backup code', async () => {
    const { token, backupCodes, repeat } = await verifiedUser()
    const body = { backup_code: backupCodes[0] }
    expect((await service.call(`POST ${PROFILE}/challenge`, { token, body })).status).toBe(200)
    expectProblem(await repeat(), 'no-pending-enrollment')
  })

  it.each(['backup-codes', 'disable'])('ends with %s', async (operation) => {
    const { sub, token, secret, repeat } = await verifiedUser()
    const body = { code: codeOf(secret, Date.now() + 30_000) }
    expect((await service.call(`POST ${PROFILE}/${operation}`, { token, body })).status).toBe(200)
    expectProblem(await repeat(), 'no-pending-enrollment')
    expect((await rowsOf(sub)).verify_repeat).toEqual([])
  })
})

describe('verify of a further authenticator', () => {
  /** A pending second authenticator, proved by the next code of the first. */
  async function addingUser() {
    const user = await verifiedUser()
    const proof = codeOf(user.secret, Date.now() + 30_000)
    return { ...user, second: await setUp(service, user.token, { code: proof, name: 'Second' }) }
  }

  it('adds it, and gives no codes', async () => {
    const { sub, token, second } = await addingUser()
    const { status, body } = await service.call(VERIFY, { token, body: { code: codeOf(second) } })
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: 'Authenticator added', backup_codes: [] })
    const { event, backup_code } = await rowsOf(sub)
    expect(event.map(({ type }) => type)).toEqual(['mfa.enabled', 'authenticator.added'])
    expect(backup_code).toHaveLength(10)
  })

  it('has a repeat of its own, which ends the first one', async () => {
    const { token, second, repeat } = await addingUser()
    const request = { token, body: { code: codeOf(second) } }
    const first = await service.call(VERIFY, request)
    expect((await service.call(VERIFY, request)).text).toBe(first.text)
    expectProblem(await repeat(), 'no-pending-enrollment')
  })

  it('is charged nothing by the repeat of the first one beside it', async () => {
    const { sub, token, second, repeat, backupCodes } = await addingUser()
    await service.call(VERIFY, { token, body: { code: wrongCode(second) } })
    for (let time = 0; time < 12; time += 1) expect((await repeat()).body['backup_codes']).toEqual(backupCodes)
    const { authenticator } = await rowsOf(sub)
    const pending = authenticator.find(({ state }) => state === 'pending')
    expect(JSON.parse(String(pending?.['attempts']))).toHaveLength(1)
    expect((await service.call(VERIFY, { token, body: { code: codeOf(second) } })).status).toBe(200)
  })

  it('keeps what others were charged for the same code, when the repeat of the first one takes its own charge back', async () => {
    const { sub, code, repeat } = await addingUser()
    const otherSession = await accessToken({ sub })
    const guess = () => service.call(VERIFY, { token: otherSession, body: { code } })
    expect((await guess()).body['attemptsRemaining']).toBe(9)
    expect((await guess()).body['attemptsRemaining']).toBe(8)
    expect((await repeat()).status).toBe(200)
    expect((await guess()).body['attemptsRemaining']).toBe(7)
  })

  it('is void once the factors changed since its setup', async () => {
    const { token, second, secret } = await addingUser()
    vi.setSystemTime(Date.now() + 60_000)
    const body = { code: codeOf(secret) }
    expect((await service.call(`POST ${PROFILE}/backup-codes`, { token, body })).status).toBe(200)
    expectProblem(await service.call(VERIFY, { token, body: { code: codeOf(second) } }), 'no-pending-enrollment')
    expect((await service.call(`GET ${PROFILE}`, { token })).body['pending']).toBeNull()
  })
})
