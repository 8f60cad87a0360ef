import { describe, expect, it } from 'vitest'
import { adminToken, holdClock, pass, readyAccount, STEP_MS } from '../../support/account.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { playReceiver, RECEIVER, WEBHOOK_SECRETS } from '../../support/receiver.ts'
import { setSubject } from '../../support/rows.ts'
import { PROFILE, startService } from '../../support/service.ts'

const CHALLENGE = `POST ${PROFILE}/challenge`
const BACKUP_CODES = `POST ${PROFILE}/backup-codes`
const service = startService()
holdClock()

type Account = Awaited<ReturnType<typeof readyAccount>>

async function fail(account: Account, times: number, operation = CHALLENGE): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const body = { code: wrongCode(account.secret, Date.now()) }
    const answer = await service.call(operation, { token: account.token, body })
    if (answer.status !== 400) throw new Error(`a wrong code was answered with ${answer.text}`)
  }
}

async function passChallenge(account: Account) {
  const answer = await service.call(CHALLENGE, { token: account.token, body: { code: codeOf(account.secret) } })
  if (answer.status !== 200) throw new Error(answer.text)
  pass(STEP_MS)
  return answer.body['failed_attempts']
}

describe('failed_attempts of a challenge (ASVS 5.0 6.3.5)', () => {
  it('counts the wrong codes since the last successful challenge, which clears it', async () => {
    const account = await readyAccount(service)
    expect(await passChallenge(account)).toBe(0)
    await fail(account, 3)
    expect(await passChallenge(account)).toBe(3)
    expect(await passChallenge(account)).toBe(0)
  })

  it('counts wrong codes of every operation', async () => {
    const account = await readyAccount(service)
    await fail(account, 1)
    await fail(account, 2, `POST ${PROFILE}/disable`)
    expect(await passChallenge(account)).toBe(3)
  })

  it('is told and cleared by a challenge with a backup code too', async () => {
    const account = await readyAccount(service)
    const [first, second] = account.backupCodes
    await fail(account, 2)
    const told = async (backup_code: string | undefined) =>
      (await service.call(CHALLENGE, { token: account.token, body: { backup_code } })).body['failed_attempts']
    expect([await told(first), await told(second)]).toEqual([2, 0])
  })

  it('is left alone by an accepted proof, by a backup code as a proof and by an unlocking', async () => {
    const account = await readyAccount(service)
    const { token, sub, secret } = account
    await fail(account, 4)
    const proven = await service.call(BACKUP_CODES, { token, body: { code: codeOf(secret) } })
    expect(proven.status).toBe(200)
    pass(STEP_MS)
    const [backup_code] = proven.body['backup_codes'] as string[]
    expect((await service.call(BACKUP_CODES, { token, body: { backup_code } })).status).toBe(200)
    await setSubject(sub, 'failures = 100')
    const unlock = `POST /api/admin/users/${sub}/mfa/unlock`
    const answer = await service.call(unlock, { token: await adminToken(), body: { reason: 'asked' } })
    expect(answer.status).toBe(200)
    expect(await passChallenge(account)).toBe(4)
  })

  it('stands in the event and in its webhook', async () => {
    const { received } = playReceiver(() => new Response())
    const notified = startService({ WEBHOOK_URL: RECEIVER, WEBHOOK_SECRET: WEBHOOK_SECRETS[0] })
    const account = await readyAccount(notified)
    await fail(account, 2)
    const body = { code: codeOf(account.secret) }
    await notified.call(CHALLENGE, { token: account.token, body })
    await notified.settled()
    const passed = received.filter(({ body }) => body.type === 'challenge.passed')
    expect(passed.map(({ body }) => body.data['failed_attempts'])).toEqual([2])
    expect(received.filter(({ body }) => 'failed_attempts' in body.data)).toEqual(passed)
    const { body: page } = await service.call(`GET ${PROFILE}/events`, { token: account.token })
    const events = page['events'] as Record<string, unknown>[]
    expect(events.filter((event) => 'failed_attempts' in event)).toEqual([
      expect.objectContaining({ type: 'challenge.passed', failed_attempts: 2 }),
    ])
  })
})
