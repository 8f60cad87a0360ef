import { describe, expect, it } from 'vitest'
import { addPhone, eventTypes, holdClock, pass, problem, readyAccount } from '../../support/account.ts'
import { setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { rowsOf } from '../../support/rows.ts'
import { captureLog, newUser, PROFILE, startService } from '../../support/service.ts'

const REGENERATE = `POST ${PROFILE}/backup-codes`
const CHALLENGE = `POST ${PROFILE}/challenge`
const service = startService()
holdClock()

describe('backup-codes', () => {
  it('answers a new set, by a TOTP code', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const { status, body } = await service.call(REGENERATE, { token, body: { code: codeOf(secret) } })
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: expect.any(String), backup_codes: expect.any(Array) })
    const fresh = body['backup_codes'] as string[]
    expect(new Set([...fresh, ...backupCodes]).size).toBe(20)
    expect((await service.call(CHALLENGE, { token, body: { backup_code: fresh[9] } })).status).toBe(200)
  })

  it('answers a new and whole set, by a backup code', async () => {
    const { token, backupCodes } = await readyAccount(service)
    const { status, body } = await service.call(REGENERATE, { token, body: { backup_code: backupCodes[4] } })
    expect(status).toBe(200)
    expect(body['backup_codes']).toHaveLength(10)
    const { body: mfa } = await service.call(`GET ${PROFILE}`, { token })
    expect(mfa['backup_codes']).toEqual({ total: 10, remaining: 10 })
  })

  it('voids the old set at once, used and unused codes alike', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    await service.call(CHALLENGE, { token, body: { backup_code: backupCodes[0] } })
    await service.call(REGENERATE, { token, body: { code: codeOf(secret) } })
    for (const code of backupCodes) {
      expect(await service.call(CHALLENGE, { token, body: { backup_code: code } })).toMatchObject(
        problem(400, 'invalid-code'),
      )
    }
  })

  it('uses its TOTP code up for every other operation (RFC 6238 §5.2)', async () => {
    const { token, secret } = await readyAccount(service)
    const body = { code: codeOf(secret) }
    expect((await service.call(REGENERATE, { token, body })).status).toBe(200)
    for (const operation of ['backup-codes', 'challenge', 'disable', 'setup']) {
      expect(await service.call(`POST ${PROFILE}/${operation}`, { token, body })).toMatchObject(
        problem(400, 'invalid-code'),
      )
    }
  })

  it('gives one set to fifty requests with one code', async () => {
    const { token, secret, sub } = await readyAccount(service)
    const body = { code: codeOf(secret) }
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.call(REGENERATE, { token, body })))
    const given = answers.filter(({ status }) => status === 200)
    expect(given).toHaveLength(1)
    expect(answers.filter(({ status }) => ![200, 400, 429].includes(status))).toEqual([])
    expect((await rowsOf(sub)).backup_code).toHaveLength(10)
    const [code] = given.flatMap(({ body }) => body['backup_codes'])
    expect((await service.call(CHALLENGE, { token, body: { backup_code: code } })).status).toBe(200)
  })

  it('gives one set to two requests with two proofs of which one redeems a voided code', async () => {
    const { token, secret, backupCodes, sub } = await readyAccount(service)
    await Promise.all([
      service.call(REGENERATE, { token, body: { code: codeOf(secret) } }),
      service.call(REGENERATE, { token, body: { backup_code: backupCodes[0] } }),
    ])
    expect((await rowsOf(sub)).backup_code).toHaveLength(10)
  })

  it('asks for a proof, and says that MFA is not on where that is so', async () => {
    const { token } = await readyAccount(service)
    expect(await service.call(REGENERATE, { token, body: {} })).toMatchObject(problem(403, 'proof-required'))
    const nobody = await newUser()
    expect(await service.call(REGENERATE, { token: nobody.token, body: {} })).toMatchObject(
      problem(409, 'mfa-not-enabled'),
    )
  })

  it('changes nothing by a wrong code', async () => {
    const { token, secret, sub } = await readyAccount(service)
    const before = await rowsOf(sub)
    expect(await service.call(REGENERATE, { token, body: { code: wrongCode(secret) } })).toMatchObject({
      status: 400,
      body: { attemptsRemaining: 4 },
    })
    const after = await rowsOf(sub)
    expect(after.backup_code).toEqual(before.backup_code)
    expect(after.event).toEqual(before.event)
  })

  it('voids a pending secret made before', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const pending = await setUp(service, token, { backup_code: backupCodes[0] })
    await service.call(REGENERATE, { token, body: { code: codeOf(secret) } })
    expect(await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(pending) } })).toMatchObject(
      problem(400, 'no-pending-enrollment'),
    )
  })

  it('takes back the repeat of verify', async () => {
    const { token, secret, sub } = await readyAccount(service)
    expect((await rowsOf(sub)).verify_repeat).toHaveLength(1)
    await service.call(REGENERATE, { token, body: { code: codeOf(secret) } })
    expect((await rowsOf(sub)).verify_repeat).toEqual([])
  })

  it('costs the round trips of the design', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const count = (body: object) => service.countCalls(() => service.call(REGENERATE, { token, body }))
    expect(await count({})).toBe(1)
    expect(await count({ code: wrongCode(secret) })).toBe(1)
    expect(await count({ code: codeOf(secret) })).toBe(2)
    expect(await count({ backup_code: backupCodes[0] })).toBe(1)
    expect(await count({ code: 12 })).toBe(0)
  })

  it('writes no code into the log, and none in clear into the database', async () => {
    const lines = captureLog()
    const { token, secret, sub } = await readyAccount(service)
    const { body } = await service.call(REGENERATE, { token, body: { code: codeOf(secret) } })
    const written = JSON.stringify([lines, await rowsOf(sub)])
    expect(lines.length).toBeGreaterThan(0)
    for (const code of body['backup_codes'] as string[]) {
      expect(written).not.toContain(code)
      expect(written).not.toContain(code.replaceAll('-', ''))
    }
  })
})

describe('the events of few backup codes', () => {
  it('tells once at three left and once at none', async () => {
    const { token, sub, backupCodes } = await readyAccount(service)
    for (const code of backupCodes) await service.call(CHALLENGE, { token, body: { backup_code: code } })
    for (const code of backupCodes) await service.call(CHALLENGE, { token, body: { backup_code: code } })
    const types = await eventTypes(sub)
    expect(types.filter((type) => type === 'backup_codes.low')).toHaveLength(1)
    expect(types.filter((type) => type === 'backup_codes.exhausted')).toHaveLength(1)
    expect(types.filter((type) => type === 'backup_code.redeemed')).toHaveLength(10)
    const redeemedBefore = (type: string) =>
      types.slice(0, types.indexOf(type)).filter((each) => each === 'backup_code.redeemed').length
    expect(redeemedBefore('backup_codes.low')).toBe(7)
    expect(redeemedBefore('backup_codes.exhausted')).toBe(10)
  })

  it('tells so whatever the codes were used for, also when all are used at once', async () => {
    const { token, sub, backupCodes } = await readyAccount(service)
    await Promise.all(
      backupCodes.map((code) => service.call(`POST ${PROFILE}/setup`, { token, body: { backup_code: code } })),
    )
    const types = await eventTypes(sub)
    expect(types.filter((type) => type === 'backup_codes.low')).toHaveLength(1)
    expect(types.filter((type) => type === 'backup_codes.exhausted')).toHaveLength(1)
  })

  it('tells nothing when a regenerate used one of the last codes', async () => {
    const { token, sub, backupCodes } = await readyAccount(service)
    for (const code of backupCodes.slice(0, 6)) await service.call(CHALLENGE, { token, body: { backup_code: code } })
    expect((await service.call(REGENERATE, { token, body: { backup_code: backupCodes[6] } })).status).toBe(200)
    expect(await eventTypes(sub)).not.toContain('backup_codes.low')
  })

  it('keeps the set when a further authenticator is added', async () => {
    const account = await readyAccount(service)
    const before = (await rowsOf(account.sub)).backup_code
    await addPhone(service, account, { code: codeOf(account.secret) })
    pass()
    expect((await rowsOf(account.sub)).backup_code).toEqual(before)
  })
})
