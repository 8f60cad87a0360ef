import { describe, expect, it } from 'vitest'
import { authenticatorIds, holdClock, outcomeOf, pass, readyAccount, STEP_MS } from '../support/account.ts'
import { setUp } from '../support/life.ts'
import { codeOf } from '../support/phone.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'
import { accessToken } from '../support/tokens.ts'

const service = startService()
holdClock()

/** Operations that take a code as their proof, and what they answer to a right one. */
const PROVEN = [
  { path: 'challenge', status: '200' },
  { path: 'setup', status: '200' },
  { path: 'backup-codes', status: '200' },
  { path: 'disable', status: '200' },
  { path: 'authenticators/{id}/remove', status: '409 last-authenticator' },
] as const
const USING = PROVEN.filter(({ status }) => status === '200')

async function attempt(path: string, account: { token: string }, code: string): Promise<string> {
  const [id = ''] = await authenticatorIds(service, account)
  return outcomeOf(
    await service.call(`POST ${PROFILE}/${path.replace('{id}', id)}`, { token: account.token, body: { code } }),
  )
}

describe('RFC 6238 §4.2: the time step', () => {
  it('is that of the server, whatever time the client claims', async () => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const early = Date.now() + 20 * STEP_MS
    const answer = await service.call(`POST ${PROFILE}/verify`, {
      token,
      body: { code: codeOf(secret, early), now: early, timestamp: early, time: early },
      headers: { Date: new Date(early).toUTCString() },
    })
    expect(outcomeOf(answer)).toBe('400 invalid-code')
  })
})

describe('RFC 6238 §5.2: the window', () => {
  it.each([-1, 0, 1])('lets the code of step T%i in, at verify and as a proof', async (offset) => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const at = () => Date.now() + offset * STEP_MS
    const verified = await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret, at()) } })
    expect(outcomeOf(verified)).toBe('200')
    pass()
    expect(await attempt('challenge', { token }, codeOf(secret, at()))).toBe('200')
  })

  it.each([-3, -2, 2, 3])('leaves the code of step T%i out, at verify and as a proof', async (offset) => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const body = { code: codeOf(secret, Date.now() + offset * STEP_MS) }
    expect(outcomeOf(await service.call(`POST ${PROFILE}/verify`, { token, body }))).toBe('400 invalid-code')

    const account = await readyAccount(service)
    const code = codeOf(account.secret, Date.now() + offset * STEP_MS)
    expect(await attempt('challenge', account, code)).toBe('400 invalid-code')
  })
})

describe('RFC 6238 §5.2: a code is accepted once', () => {
  it.each(PROVEN)('the enrolling code is used up for $path', async ({ path }) => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const code = codeOf(secret)
    await service.call(`POST ${PROFILE}/verify`, { token, body: { code } })
    const expected = path.endsWith('remove') ? '409 last-authenticator' : '400 invalid-code'
    expect(await attempt(path, { token }, code)).toBe(expected)
  })

  const PAIRS = USING.filter(({ path }) => path !== 'disable').flatMap(({ path: first }) =>
    USING.map(({ path: second }) => ({ first, second })),
  )

  it.each(PAIRS)('a code used at $first is used up for $second', async ({ first, second }) => {
    const account = await readyAccount(service)
    const code = codeOf(account.secret)
    expect(await attempt(first, account, code)).toBe('200')
    expect(await attempt(second, account, code)).toBe('400 invalid-code')
    pass()
    expect(await attempt(second, account, code)).toBe('400 invalid-code')
  })

  it('a later step shuts the earlier ones out, unused as they are', async () => {
    const account = await readyAccount(service)
    const [present, next] = [codeOf(account.secret), codeOf(account.secret, Date.now() + STEP_MS)]
    expect(await attempt('challenge', account, next)).toBe('200')
    expect(await attempt('challenge', account, present)).toBe('400 invalid-code')
  })

  it('a code that was refused a proof it could not give is still unused', async () => {
    const account = await readyAccount(service)
    const code = codeOf(account.secret)
    expect(await attempt('authenticators/{id}/remove', account, code)).toBe('409 last-authenticator')
    expect(await attempt('challenge', account, code)).toBe('200')
  })

  it('a clock that went back does not make used codes fresh', async () => {
    const account = await readyAccount(service)
    const earlier = codeOf(account.secret, Date.now() - STEP_MS)
    expect(await attempt('challenge', account, codeOf(account.secret))).toBe('200')
    pass(-STEP_MS)
    const token = await accessToken({ sub: account.sub })
    expect(await attempt('challenge', { token }, earlier)).toBe('400 invalid-code')
  })
})

describe('RFC 6238 §4: the clock', () => {
  it.each([
    ['past 2038', Date.UTC(2038, 0, 19, 3, 14, 8)],
    ['past 2106', Date.UTC(2106, 1, 7, 6, 28, 16)],
  ])('may go %s', async (_, moment) => {
    pass(moment - Date.now())
    const account = await readyAccount(service)
    expect(await attempt('challenge', account, codeOf(account.secret))).toBe('200')
  })
})
