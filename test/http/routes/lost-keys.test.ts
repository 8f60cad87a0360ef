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
})
