import { describe, expect, it } from 'vitest'
import {
  addPhone,
  authenticatorIds,
  holdClock,
  openAccount,
  pass,
  problem,
  readyAccount,
} from '../../support/account.ts'
import { setUp } from '../../support/life.ts'
import { codeOf } from '../../support/phone.ts'
import { rowsOf } from '../../support/rows.ts'
import { SECRETS } from '../../support/secrets.ts'
import { captureLog, newUser, PROFILE, startService } from '../../support/service.ts'

const OLD = `old:${SECRETS.master}`
const NEW = `new:${SECRETS.otherMaster}`
const before = startService({ MFA_KEYS: OLD })
const both = startService({ MFA_KEYS: `${NEW},${OLD}` })
const after = startService({ MFA_KEYS: NEW })

holdClock()

describe('a secret whose key was taken out of the ring', () => {
  it('makes verify unavailable, not the code wrong, and is as it was once the key is back', async () => {
    const { token } = await newUser()
    const secret = await setUp(before, token)
    const lines = captureLog()
    const answer = await after.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })
    expect(answer).toMatchObject(problem(503, 'unavailable'))
    expect(answer.headers.get('Retry-After')).toBe('60')
    expect(lines.at(-1)).toMatchObject({ reason: 'the pending secret cannot be opened' })
    const again = await both.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })
    expect(again.status).toBe(200)
  })

  it('does not stop an authenticator beside it, and the log names which it is', async () => {
    const account = await openAccount(before)
    pass()
    const phone = await addPhone(both, account, { code: codeOf(account.secret) })
    pass()
    const [lost] = await authenticatorIds(after, account)
    const lines = captureLog()
    const body = { code: codeOf(phone.secret) }
    const answer = await after.call(`POST ${PROFILE}/challenge`, { token: account.token, body })
    expect(answer).toMatchObject({ status: 200, body: { amr: ['otp', 'mfa'] } })
    expect(lines.at(-1)).toMatchObject({ status: 200, reason: `cannot be opened: ${lost}` })
  })

  it('makes a proof unavailable where nothing else can be opened, and uses up nothing', async () => {
    const account = await readyAccount(before)
    const body = { code: codeOf(account.secret) }
    expect(await after.call(`POST ${PROFILE}/disable`, { token: account.token, body })).toMatchObject(
      problem(503, 'unavailable'),
    )
    expect((await both.call(`POST ${PROFILE}/disable`, { token: account.token, body })).status).toBe(200)
  })

  it.each(['challenge', 'disable', 'backup-codes'])('charges nothing at %s, also fifty times at once', async (path) => {
    const account = await readyAccount(before)
    const call = { token: account.token, body: { code: codeOf(account.secret) } }
    const stored = (await rowsOf(account.sub)).subject
    const alone = await after.call(`POST ${PROFILE}/${path}`, call)
    expect(alone).toMatchObject(problem(503, 'unavailable'))
    await Promise.all(Array.from({ length: 50 }, () => after.call(`POST ${PROFILE}/${path}`, call)))
    expect((await rowsOf(account.sub)).subject).toEqual(stored)
    expect((await both.call(`POST ${PROFILE}/${path}`, call)).status).toBe(200)
  })

  it('charges nothing at verify', async () => {
    const { sub, token } = await newUser()
    const secret = await setUp(before, token)
    const stored = await rowsOf(sub)
    for (let time = 0; time < 11; time += 1) {
      await after.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })
    }
    expect(await rowsOf(sub)).toEqual(stored)
    expect((await both.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })).status).toBe(200)
  })

  it('charges nothing when its key id is in the ring with other bytes', async () => {
    const account = await readyAccount(before)
    const wrong = startService({ MFA_KEYS: `old:${SECRETS.otherMaster}` })
    const call = { token: account.token, body: { code: codeOf(account.secret) } }
    for (let time = 0; time < 6; time += 1) {
      expect(await wrong.call(`POST ${PROFILE}/challenge`, call)).toMatchObject(problem(503, 'unavailable'))
    }
    expect((await before.call(`POST ${PROFILE}/challenge`, call)).body['failed_attempts']).toBe(0)
  })
})
