import { describe, expect, it } from 'vitest'
import {
  addPhone,
  eventTypes,
  firstId,
  holdClock,
  pass,
  problem,
  readyAccount,
  setThrottle,
} from '../../support/account.ts'
import { enroll, setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { rowsOf } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'

const DISABLE = `POST ${PROFILE}/disable`
const CHALLENGE = `POST ${PROFILE}/challenge`
const service = startService()
holdClock()

describe('disable', () => {
  it.each(['code', 'backup_code'] as const)('turns MFA off by a %s', async (kind) => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const proof = { code: codeOf(secret), backup_code: backupCodes[0] }
    const answer = await service.call(DISABLE, { token, body: { [kind]: proof[kind] } })
    expect(answer).toMatchObject({ status: 200, body: { success: true, message: 'MFA disabled' } })
    expect((await service.call(`GET ${PROFILE}`, { token })).body).toEqual({
      enabled: false,
      enabled_at: null,
      pending: null,
      authenticators: [],
      backup_codes: { total: 0, remaining: 0 },
    })
  })

  it('leaves no secret, code or repeat, and keeps the generation and the events', async () => {
    const account = await readyAccount(service)
    const { token, sub, backupCodes } = account
    await addPhone(service, account, { code: codeOf(account.secret) })
    await setUp(service, token, { backup_code: backupCodes[0] })
    const before = await rowsOf(sub)
    expect(before.authenticator).toHaveLength(3)
    await service.call(DISABLE, { token, body: { backup_code: backupCodes[1] } })
    const after = await rowsOf(sub)
    expect({ ...after, subject: [], event: [] }).toEqual({
      subject: [],
      authenticator: [],
      backup_code: [],
      verify_repeat: [],
      event: [],
    })
    expect(after.subject[0]?.['generation']).toBe(Number(before.subject[0]?.['generation']) + 1)
    expect(after.subject[0]).toMatchObject({ enabled_at: null, failures: 0, retry_at: null })
    expect(after.event.slice(0, before.event.length)).toEqual(before.event)
    expect((await eventTypes(sub)).slice(before.event.length)).toEqual(['backup_code.redeemed', 'mfa.disabled'])
  })

  it('tells nothing of few backup codes once MFA is off', async () => {
    const { token, sub, backupCodes } = await readyAccount(service)
    for (const code of backupCodes.slice(0, 9)) await service.call(CHALLENGE, { token, body: { backup_code: code } })
    expect((await service.call(DISABLE, { token, body: { backup_code: backupCodes[9] } })).status).toBe(200)
    expect(await eventTypes(sub)).not.toContain('backup_codes.exhausted')
  })

  it('lets the subject enroll again, with a new secret and new codes', async () => {
    const { token, sub, secret, backupCodes } = await readyAccount(service)
    await service.call(DISABLE, { token, body: { code: codeOf(secret) } })
    const again = await enroll(service, token)
    pass()
    expect(again.secret).not.toBe(secret)
    for (const body of [{ code: codeOf(secret) }, { backup_code: backupCodes[0] }]) {
      expect(await service.call(CHALLENGE, { token, body })).toMatchObject(problem(400, 'invalid-code'))
    }
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(again.secret) } })).status).toBe(200)
    expect((await rowsOf(sub)).subject[0]?.['generation']).toBe(3)
  })

  it('voids a pending secret made before, also after the subject enrolled again', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const pending = await setUp(service, token, { backup_code: backupCodes[0] })
    await service.call(DISABLE, { token, body: { code: codeOf(secret) } })
    const verify = () => service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(pending) } })
    expect(await verify()).toMatchObject(problem(400, 'no-pending-enrollment'))
    await enroll(service, token)
    expect(await verify()).toMatchObject(problem(400, 'no-pending-enrollment'))
  })

  it('gives the backup codes of before in no repeat of verify', async () => {
    const { token, sub } = await newUser()
    const { secret, backupCodes } = await enroll(service, token)
    const code = codeOf(secret)
    await service.call(DISABLE, { token, body: { backup_code: backupCodes[0] } })
    expect(await service.call(`POST ${PROFILE}/verify`, { token, body: { code } })).toMatchObject(
      problem(400, 'no-pending-enrollment'),
    )
    expect((await rowsOf(sub)).authenticator).toEqual([])
  })

  it('clears the throttle, for whoever enrolls next', async () => {
    const { token, sub, backupCodes } = await readyAccount(service)
    await setThrottle(sub, { failures: 99, retryAt: Date.now() + 3_600_000 })
    await service.call(DISABLE, { token, body: { backup_code: backupCodes[0] } })
    const { secret } = await enroll(service, token)
    expect((await service.call(CHALLENGE, { token, body: { code: wrongCode(secret) } })).body).toMatchObject({
      attemptsRemaining: 4,
    })
  })

  it('is done once by fifty requests with one code', async () => {
    const { token, sub, secret } = await readyAccount(service)
    const body = { code: codeOf(secret) }
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.call(DISABLE, { token, body })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => ![200, 400, 409, 429].includes(status))).toEqual([])
    expect((await eventTypes(sub)).filter((type) => type === 'mfa.disabled')).toHaveLength(1)
  })

  it('uses a proof up that another operation used, in neither order', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const bodies = [{ code: codeOf(secret) }, { backup_code: backupCodes[0] }]
    for (const body of bodies) expect((await service.call(CHALLENGE, { token, body })).status).toBe(200)
    for (const body of bodies) {
      expect(await service.call(DISABLE, { token, body })).toMatchObject(problem(400, 'invalid-code'))
    }
  })

  it('refuses what is no proof, and leaves everything on', async () => {
    const account = await readyAccount(service)
    const { token, secret, sub } = account
    const before = await rowsOf(sub)
    expect(await service.call(DISABLE, { token, body: {} })).toMatchObject(problem(403, 'proof-required'))
    expect(await service.call(DISABLE, { token })).toMatchObject(problem(403, 'proof-required'))
    expect(await service.call(DISABLE, { token, body: { code: wrongCode(secret) } })).toMatchObject(
      problem(400, 'invalid-code'),
    )
    expect({ ...(await rowsOf(sub)), subject: [] }).toEqual({ ...before, subject: [] })
    expect(await firstId(service, account)).toBe(before.authenticator[0]?.['id'])
  })

  it('costs the round trips of the design', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const other = await readyAccount(service)
    const count = (as: string, body: object) => service.countCalls(() => service.call(DISABLE, { token: as, body }))
    expect(await count(token, { code: wrongCode(secret) })).toBe(1)
    expect(await count(token, { backup_code: backupCodes[0] })).toBe(1)
    expect(await count(token, { code: codeOf(secret) })).toBe(1)
    expect(await count(other.token, { code: codeOf(other.secret) })).toBe(2)
  })
})
