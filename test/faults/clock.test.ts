import { describe, expect, it } from 'vitest'
import { type Account, addPhone, authenticatorIds, holdClock, pass, problem, STEP_MS } from '../support/account.ts'
import { enroll, setUp } from '../support/life.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { rowsOf } from '../support/rows.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'
import { accessToken } from '../support/tokens.ts'

const OFF_MS = 600_000
const OFF_SECONDS = OFF_MS / 1000
const HOUR_SECONDS = 3_600
const SETUP = `POST ${PROFILE}/setup`
const VERIFY = `POST ${PROFILE}/verify`
const CHALLENGE = `POST ${PROFILE}/challenge`
const STATUS = `GET ${PROFILE}`
const JUMPS = [OFF_MS, -OFF_MS, STEP_MS, -OFF_MS, OFF_MS, 0, OFF_MS, -STEP_MS, OFF_MS, -OFF_MS, STEP_MS, OFF_MS]
const ACCOUNTS = 3
const COPIES = 3
const service = startService()
holdClock()

/** A user whose tokens are good whatever the clock does: they say nothing of when they were made. */
async function timelessUser(): Promise<{ sub: string; token: string }> {
  return newUser({ iat: undefined, exp: Math.floor(Date.now() / 1000) + 12 * HOUR_SECONDS })
}

async function timelessAccount(): Promise<Account> {
  const user = await timelessUser()
  return { ...user, ...(await enroll(service, user.token)) }
}

function challenge({ token }: { token: string }, body: object) {
  return service.call(CHALLENGE, { token, body })
}

async function failTimes(count: number, account: Account): Promise<void> {
  for (let failures = 0; failures < count; failures += 1) {
    expect((await challenge(account, { code: wrongCode(account.secret) })).status).toBe(400)
  }
}

describe('a phone whose clock is ten minutes off', () => {
  it.each([
    ['ahead', OFF_MS],
    ['behind', -OFF_MS],
  ])('is told so at verify when it is %s, and is taken once it is right', async (_, offMs) => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const refused = await service.call(VERIFY, { token, body: { code: codeOf(secret, Date.now() + offMs) } })
    expect(refused).toMatchObject(problem(400, 'invalid-code'))
    expect(refused.body['clockSkewSeconds']).toBe(offMs / 1000)
    expect((await service.call(STATUS, { token })).body['enabled']).toBe(false)
    expect((await service.call(VERIFY, { token, body: { code: codeOf(secret) } })).status).toBe(200)
  })

  it('proves nothing later, is told nothing of it, and leaves the backup codes', async () => {
    const account = await timelessAccount()
    for (const offMs of [OFF_MS, -OFF_MS]) {
      const refused = await challenge(account, { code: codeOf(account.secret, Date.now() + offMs) })
      expect(refused).toMatchObject(problem(400, 'invalid-code'))
      expect(refused.body).not.toHaveProperty('clockSkewSeconds')
    }
    expect((await challenge(account, { backup_code: account.backupCodes[0] })).status).toBe(200)
  })
})

describe('an issuer whose clock is ten minutes off', () => {
  const at = (offSeconds: number, lifeSeconds: number) => {
    const iat = Math.floor(Date.now() / 1000) + offSeconds
    return { iat, nbf: iat, exp: iat + lifeSeconds, auth_time: iat }
  }

  it('signs tokens that are refused until their time comes, at no cost to the database', async () => {
    const token = await accessToken(at(OFF_SECONDS, HOUR_SECONDS))
    expect(await service.countCalls(() => service.call(STATUS, { token }))).toBe(0)
    const refused = await service.call(STATUS, { token })
    expect(refused).toMatchObject(problem(401, 'invalid-token'))
    expect(refused.headers.get('WWW-Authenticate')).toContain('error="invalid_token"')
    pass(OFF_MS)
    expect((await service.call(STATUS, { token })).status).toBe(200)
  })

  it('signs tokens that are good for so much less when it is behind', async () => {
    const token = await accessToken(at(-OFF_SECONDS, OFF_SECONDS + 60))
    expect((await service.call(STATUS, { token })).status).toBe(200)
    pass(60_000 + 5_000)
    expect(await service.call(STATUS, { token })).toMatchObject(problem(401, 'invalid-token'))
    const late = await accessToken(at(-OFF_SECONDS, OFF_SECONDS - 60))
    expect(await service.call(STATUS, { token: late })).toMatchObject(problem(401, 'invalid-token'))
  })
})

describe('a service whose own clock jumps by ten minutes', () => {
  it('takes no step twice, also when copies of a code come at once', async () => {
    const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, timelessAccount))
    const taken = accounts.map(() => [Math.floor(Date.now() / STEP_MS)])
    for (const jump of JUMPS) {
      pass(jump)
      await Promise.all(
        accounts.map(async (account, index) => {
          const copies = Array.from({ length: COPIES }, () => challenge(account, { code: codeOf(account.secret) }))
          const answers = await Promise.all(copies)
          const passed = answers.filter(({ status }) => status === 200)
          expect(passed.length).toBeLessThanOrEqual(1)
          if (passed.length === 1) taken[index]?.push(Math.floor(Date.now() / STEP_MS))
          const waits = answers.filter(({ status }) => status === 429).map(({ body }) => Number(body['retryAfter']))
          for (const wait of waits) expect(wait).toBeLessThanOrEqual(HOUR_SECONDS)
          expect(answers.filter(({ status }) => ![200, 400, 429].includes(status))).toEqual([])
        }),
      )
    }
    for (const [index, steps] of taken.entries()) {
      expect(steps.length).toBeGreaterThan(1)
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
      const [authenticator] = (await rowsOf(accounts[index]?.sub ?? '')).authenticator
      expect(authenticator?.['last_step']).toBe(steps.at(-1))
    }
  })

  it('takes no code of the phone until the step that it took too early is over, and a new phone at once', async () => {
    const account = await timelessAccount()
    pass(OFF_MS)
    expect((await challenge(account, { code: codeOf(account.secret) })).status).toBe(200)
    pass(-OFF_MS + STEP_MS)
    expect(await challenge(account, { code: codeOf(account.secret) })).toMatchObject(problem(400, 'invalid-code'))
    const { secret, id } = await addPhone(service, account, { backup_code: account.backupCodes[0] })
    expect(await authenticatorIds(service, account)).toContain(id)
    pass(STEP_MS)
    expect((await challenge(account, { code: codeOf(secret) })).status).toBe(200)
    pass(OFF_MS)
    expect((await challenge(account, { code: codeOf(account.secret) })).status).toBe(200)
  })

  it('ends a wait at the moment that was set for it, when it jumped back meanwhile', async () => {
    const account = await timelessAccount()
    pass(OFF_MS)
    await failTimes(5, account)
    pass(-OFF_MS)
    const early = await challenge(account, { code: codeOf(account.secret, Date.now() + STEP_MS) })
    expect(early).toMatchObject(problem(429, 'too-many-attempts'))
    expect(early.body['retryAfter']).toBe(OFF_SECONDS + 30)
    pass(OFF_MS + 30_000)
    expect((await challenge(account, { code: codeOf(account.secret) })).status).toBe(200)
  })

  it('ends a wait that a jump ahead has covered', async () => {
    const account = await timelessAccount()
    await failTimes(5, account)
    pass(OFF_MS)
    expect((await challenge(account, { code: codeOf(account.secret) })).status).toBe(200)
  })

  it.each([
    ['ahead', OFF_MS, 0],
    ['back', -OFF_MS, 2 * OFF_MS],
  ])('lets a pending secret end after a jump %s, and another one begin', async (_, jump, restMs) => {
    const { token } = await timelessUser()
    const secret = await setUp(service, token)
    pass(jump)
    if (restMs > 0) {
      pass(restMs - 1)
      expect((await service.call(STATUS, { token })).body['pending']).not.toBeNull()
      pass(1)
    }
    expect((await service.call(STATUS, { token })).body['pending']).toBeNull()
    const refused = await service.call(VERIFY, { token, body: { code: codeOf(secret) } })
    expect(refused).toMatchObject(problem(400, 'no-pending-enrollment'))
    const again = String((await service.call(SETUP, { token, body: {} })).body['secret'])
    expect((await service.call(VERIFY, { token, body: { code: codeOf(again) } })).status).toBe(200)
  })

  it.each([
    ['ahead', OFF_MS, 0],
    ['back', -OFF_MS, OFF_MS + 120_000],
  ])('gives the answer of verify no more after a jump %s and its two minutes', async (_, jump, restMs) => {
    const { token } = await timelessUser()
    const code = codeOf(await setUp(service, token))
    const first = await service.call(VERIFY, { token, body: { code } })
    expect(first.status).toBe(200)
    pass(jump)
    if (restMs > 0) {
      pass(restMs - 1)
      expect((await service.call(VERIFY, { token, body: { code } })).text).toBe(first.text)
      pass(1)
    }
    expect(await service.call(VERIFY, { token, body: { code } })).toMatchObject(problem(400, 'no-pending-enrollment'))
  })
})
