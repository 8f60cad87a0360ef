import { describe, expect, it } from 'vitest'
import {
  addPhone,
  authenticatorIds,
  eventTypes,
  holdClock,
  pass,
  problem,
  readyAccount,
} from '../../support/account.ts'
import { setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { rowsOf } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'

const SETUP = `POST ${PROFILE}/setup`
const VERIFY = `POST ${PROFILE}/verify`
const CHALLENGE = `POST ${PROFILE}/challenge`
const service = startService()
holdClock()

/** An account with that many authenticators, added by backup codes, and a step passed. */
async function accountWith(authenticators: number) {
  const account = await readyAccount(service)
  for (const code of account.backupCodes.slice(0, authenticators - 1)) {
    await addPhone(service, account, { backup_code: code })
  }
  pass()
  return account
}

describe('cancelling a setup while MFA is on', () => {
  const cancel = `DELETE ${PROFILE}/setup`

  it('is an event, in one round trip', async () => {
    const account = await readyAccount(service)
    await setUp(service, account.token, { backup_code: account.backupCodes[0] })
    expect(await service.countCalls(() => service.call(cancel, { token: account.token }))).toBe(1)
    expect(await eventTypes(account.sub)).toEqual(['mfa.enabled', 'backup_code.redeemed', 'enrollment.cancelled'])
    expect((await rowsOf(account.sub)).authenticator).toMatchObject([{ state: 'active' }])
  })

  it('is no event where nothing was pending', async () => {
    const account = await readyAccount(service)
    expect((await service.call(cancel, { token: account.token })).status).toBe(204)
    expect(await eventTypes(account.sub)).toEqual(['mfa.enabled'])
  })

  it('is no event while MFA is off', async () => {
    const { sub, token } = await newUser()
    await setUp(service, token)
    expect((await service.call(cancel, { token })).status).toBe(204)
    expect(await eventTypes(sub)).toEqual([])
  })
})

describe('setup while MFA is on', () => {
  it.each(['code', 'backup_code'] as const)('hands out a further secret by a %s, and verify adds it', async (kind) => {
    const account = await readyAccount(service)
    const { token, secret } = account
    pass(1)
    const proof = { code: codeOf(secret), backup_code: account.backupCodes[0] }
    const answer = await service.call(SETUP, { token, body: { name: 'Tablet', [kind]: proof[kind] } })
    expect(answer).toMatchObject({
      status: 200,
      body: { success: true, secret: expect.stringMatching(/^[A-Z2-7]{32}$/) },
    })
    const further = String(answer.body['secret'])
    expect(further).not.toBe(secret)
    expect((await service.call(VERIFY, { token, body: { code: codeOf(further) } })).body).toEqual({
      success: true,
      message: 'Authenticator added',
      backup_codes: [],
    })
    const { body } = await service.call(`GET ${PROFILE}`, { token })
    expect(body).toMatchObject({ enabled: true, pending: null, authenticators: [{}, { name: 'Tablet' }] })
    expect(await eventTypes(account.sub)).toContain('authenticator.added')
  })

  it('asks for a proof and leaves the live secret alone without one', async () => {
    const { token, secret, sub } = await readyAccount(service)
    const before = await rowsOf(sub)
    expect(await service.call(SETUP, { token, body: {} })).toMatchObject(problem(403, 'proof-required'))
    expect(await service.call(SETUP, { token, body: { code: wrongCode(secret) } })).toMatchObject(
      problem(400, 'invalid-code'),
    )
    expect((await rowsOf(sub)).authenticator).toEqual(before.authenticator)
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })).status).toBe(200)
  })

  it('uses its proof up, for itself and for every other operation (RFC 6238 §5.2)', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    for (const body of [{ code: codeOf(secret) }, { backup_code: backupCodes[0] }]) {
      expect((await service.call(SETUP, { token, body })).status).toBe(200)
      for (const operation of ['setup', 'challenge']) {
        expect(await service.call(`POST ${PROFILE}/${operation}`, { token, body })).toMatchObject(
          problem(400, 'invalid-code'),
        )
      }
    }
  })

  it('replaces a pending secret, never the active one', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const first = await setUp(service, token, { backup_code: backupCodes[0] })
    const second = await setUp(service, token, { backup_code: backupCodes[1] })
    expect(await service.call(VERIFY, { token, body: { code: codeOf(first) } })).toMatchObject(
      problem(400, 'invalid-code'),
    )
    expect((await service.call(VERIFY, { token, body: { code: codeOf(second) } })).status).toBe(200)
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })).status).toBe(200)
  })

  it('counts the enrolling step of a further authenticator as used (RFC 6238 §5.2)', async () => {
    const account = await readyAccount(service)
    const { secret } = await addPhone(service, account, { code: codeOf(account.secret) })
    const challenge = () => service.call(CHALLENGE, { token: account.token, body: { code: codeOf(secret) } })
    expect(await challenge()).toMatchObject(problem(400, 'invalid-code'))
    pass()
    expect((await challenge()).status).toBe(200)
  })

  it('changes the phone without a gap: each moment has an authenticator that works', async () => {
    const account = await readyAccount(service)
    const { token, secret } = account
    const [oldId] = await authenticatorIds(service, account)
    const phone = await addPhone(service, account, { code: codeOf(secret) })
    pass()
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })).status).toBe(200)
    const remove = `POST ${PROFILE}/authenticators/${oldId}/remove`
    expect((await service.call(remove, { token, body: { code: codeOf(phone.secret) } })).status).toBe(200)
    pass()
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })).status).toBe(400)
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(phone.secret) } })).status).toBe(200)
    expect(await authenticatorIds(service, account)).toEqual([phone.id])
  })

  it('leaves the one pending secret as it was when the proof is wrong', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const pending = await setUp(service, token, { backup_code: backupCodes[0] })
    await service.call(SETUP, { token, body: { code: wrongCode(secret) } })
    await service.call(SETUP, { token, body: {} })
    expect((await service.call(VERIFY, { token, body: { code: codeOf(pending) } })).status).toBe(200)
  })

  it('takes any body with a proof while MFA is off, for the proof is beside the point', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    await service.call(`POST ${PROFILE}/disable`, { token, body: { backup_code: backupCodes[0] } })
    for (const body of [{ code: codeOf(secret) }, { backup_code: backupCodes[1] }]) {
      expect((await service.call(SETUP, { token, body })).status).toBe(200)
    }
  })

  it('takes a proof in the place of a recent sign-in, but only while MFA is on (RFC 9470 §3)', async () => {
    const strict = startService({ ENROLL_MAX_AGE_SECONDS: '300' })
    const { token, sub, secret, backupCodes } = await readyAccount(service)
    expect((await strict.call(SETUP, { token, body: { code: codeOf(secret) } })).status).toBe(200)
    await service.call(`POST ${PROFILE}/disable`, { token, body: { backup_code: backupCodes[0] } })
    const refused = await strict.call(SETUP, { token, body: { backup_code: backupCodes[1] } })
    expect(refused).toMatchObject(problem(401, 'insufficient-user-authentication'))
    expect(refused.headers.get('WWW-Authenticate')).toContain('max_age="300"')
    expect((await rowsOf(sub)).authenticator).toEqual([])
  })

  it('costs the round trips of the design', async () => {
    const { token, secret, backupCodes } = await readyAccount(service)
    const count = (operation: string, body: object) =>
      service.countCalls(() => service.call(operation, { token, body }))
    expect(await count(SETUP, {})).toBe(1)
    expect(await count(SETUP, { code: wrongCode(secret) })).toBe(1)
    expect(await count(SETUP, { code: codeOf(secret) })).toBe(2)
    expect(await count(SETUP, { backup_code: backupCodes[0] })).toBe(1)
    expect(await count(SETUP, { code: codeOf(secret), backup_code: backupCodes[0] })).toBe(0)
  })
})

describe('five authenticators', () => {
  it('are the most there can be, and a proof for a sixth is left unused', async () => {
    const { token, secret, backupCodes, sub } = await accountWith(5)
    const proofs = [{ code: codeOf(secret) }, { backup_code: backupCodes[9] }]
    for (const body of proofs) {
      expect(await service.call(SETUP, { token, body })).toMatchObject(problem(409, 'too-many-authenticators'))
    }
    expect((await rowsOf(sub)).subject[0]).toMatchObject({ failures: 0 })
    for (const body of proofs) expect((await service.call(CHALLENGE, { token, body })).status).toBe(200)
  })

  it('are the most also for a secret that was pending before the fifth came', async () => {
    const account = await accountWith(4)
    const { token, backupCodes } = account
    const stale = await setUp(service, token, { backup_code: backupCodes[5] })
    await addPhone(service, account, { backup_code: backupCodes[6] })
    expect(await service.call(VERIFY, { token, body: { code: codeOf(stale) } })).toMatchObject(
      problem(400, 'no-pending-enrollment'),
    )
    expect(await authenticatorIds(service, account)).toHaveLength(5)
  })

  it('are the most also when six setups race at four, each with a proof of its own', async () => {
    const account = await accountWith(4)
    const { token, backupCodes, sub } = account
    const answers = await Promise.all(
      backupCodes.slice(4).map((code) => service.call(SETUP, { token, body: { backup_code: code } })),
    )
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect((await rowsOf(sub)).authenticator.filter((row) => row['state'] === 'pending')).toHaveLength(1)
    const verifies = await Promise.all(
      answers.map(({ body }) => service.call(VERIFY, { token, body: { code: codeOf(String(body['secret'])) } })),
    )
    expect(verifies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await authenticatorIds(service, account)).toHaveLength(5)
  })

  it('are the most also when setups and verifies of one subject run into each other', async () => {
    const account = await accountWith(4)
    const { token, backupCodes } = account
    const add = async (code: string) => {
      const { body, status } = await service.call(SETUP, { token, body: { backup_code: code } })
      if (status !== 200) return status
      return (await service.call(VERIFY, { token, body: { code: codeOf(String(body['secret'])) } })).status
    }
    const statuses = await Promise.all(backupCodes.slice(4).map(add))
    expect(statuses.filter((status) => ![200, 400, 409].includes(status))).toEqual([])
    expect(await authenticatorIds(service, account)).toHaveLength(4 + statuses.filter((each) => each === 200).length)
    expect((await authenticatorIds(service, account)).length).toBeLessThanOrEqual(5)
  })
})
