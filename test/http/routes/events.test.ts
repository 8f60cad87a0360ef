import { describe, expect, it } from 'vitest'
import { adminToken, holdClock, pass, problem, readyAccount, setThrottle } from '../../support/account.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { setSubject } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const EVENTS = `${PROFILE}/events`
const CHALLENGE = `POST ${PROFILE}/challenge`
const service = startService()
holdClock()

type Page = { events: Record<string, unknown>[]; next_cursor: string | null }

async function read(token: string, query = ''): Promise<Page> {
  const { status, body, text } = await service.call(`GET ${EVENTS}${query}`, { token })
  if (status !== 200) throw new Error(`events answered ${status}: ${text}`)
  return body as Page
}

const typesOf = ({ events }: Page) => events.map(({ type }) => type)

/** An account in which more than a page of three has happened. */
async function busyAccount() {
  const account = await readyAccount(service)
  const { token, backupCodes } = account
  for (const code of backupCodes.slice(0, 4)) await service.call(CHALLENGE, { token, body: { backup_code: code } })
  return account
}

describe('events', () => {
  it('are none for a subject nobody has seen', async () => {
    const { token } = await newUser()
    expect(await read(token)).toEqual({ events: [], next_cursor: null })
  })

  it('tell what happened, newest first, each with an id, a moment, an authenticator and a country', async () => {
    const { token, secret } = await readyAccount(service)
    const enabledAt = new Date().toISOString()
    pass()
    await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })
    const page = await read(token)
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/)
    expect(page.events).toEqual([
      {
        id,
        type: 'challenge.passed',
        at: new Date().toISOString(),
        authenticator_id: id,
        country: null,
        failed_attempts: 0,
      },
      { id, type: 'mfa.enabled', at: enabledAt, authenticator_id: id, country: null },
    ])
    expect(page.next_cursor).toBeNull()
  })

  it('name the country that the edge saw', async () => {
    const { token, backupCodes } = await readyAccount(service)
    const request = new Request(`https://mfa.example${PROFILE}/challenge`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ backup_code: backupCodes[0] }),
      cf: { country: 'PT' },
    })
    expect((await service.send(request)).status).toBe(200)
    const page = await read(token)
    expect(page.events[0]).toMatchObject({ type: 'challenge.passed', country: 'PT' })
  })

  it.each([1, 2, 3, 4, 8, 9, 10, 100])('come whole and once each in pages of %i', async (limit) => {
    const { token } = await busyAccount()
    const whole = await read(token)
    expect(whole.events).toHaveLength(9)
    const found: unknown[] = []
    let pages = 0
    for (let query = `?limit=${limit}`; query !== ''; pages += 1) {
      const page = await read(token, query)
      expect(page.events.length).toBeLessThanOrEqual(limit)
      found.push(...page.events)
      query = page.next_cursor === null ? '' : `?limit=${limit}&cursor=${page.next_cursor}`
    }
    expect(found).toEqual(whole.events)
    expect(pages).toBe(Math.ceil(9 / limit))
  })

  it('come twenty at a time unless asked otherwise', async () => {
    const { token, sub } = await readyAccount(service)
    for (let n = 0; n < 21; n += 1) {
      await setThrottle(sub, { failures: 4, retryAt: null })
      await service.call(CHALLENGE, { token, body: { code: '000000' } })
    }
    const page = await read(token)
    expect(page.events).toHaveLength(20)
    expect((await read(token, `?cursor=${page.next_cursor}`)).events).toHaveLength(2)
  })

  it('keep their place while new ones come', async () => {
    const { token, backupCodes } = await busyAccount()
    const first = await read(token, '?limit=3')
    const rest = await read(token, `?cursor=${first.next_cursor}`)
    await service.call(CHALLENGE, { token, body: { backup_code: backupCodes[8] } })
    expect(await read(token, `?cursor=${first.next_cursor}`)).toEqual(rest)
  })

  it('are none before the first', async () => {
    const { token } = await busyAccount()
    expect(await read(token, '?cursor=1')).toEqual({ events: [], next_cursor: null })
  })

  it.each([
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '-1'],
    ['limit', '1.5'],
    ['limit', '1e1'],
    ['limit', ''],
    ['limit', 'ten'],
    ['limit', '٣'],
    ['cursor', ''],
    ['cursor', '0'],
    ['cursor', '-1'],
    ['cursor', 'x'],
    ['cursor', '1 OR 1=1'],
    ['cursor', '9'.repeat(16)],
  ])('refuse the query %s=%s', async (name, value) => {
    const { token } = await newUser()
    const answer = await service.call(`GET ${EVENTS}?${name}=${encodeURIComponent(value)}`, { token })
    expect(answer).toMatchObject(problem(400, 'invalid-request'))
    expect(Object.keys(answer.body['details'] as object)).toEqual([name])
  })

  it("never show another subject's, whatever the cursor", async () => {
    await busyAccount()
    const { token } = await readyAccount(service)
    expect(typesOf(await read(token, `?cursor=${'9'.repeat(15)}&limit=100`))).toEqual(['mfa.enabled'])
  })

  it('never show the subject of the same name under another issuer', async () => {
    const { sub } = await busyAccount()
    const other = startService({ AUTH_ISSUER: 'https://other.example' })
    const token = await accessToken({ sub, iss: 'https://other.example' })
    expect((await other.call(`GET ${EVENTS}`, { token })).body).toEqual({ events: [], next_cursor: null })
  })

  it('tell no single wrong code, and a wait and the block once each', async () => {
    const { token, sub, secret } = await readyAccount(service)
    const fail = () => service.call(CHALLENGE, { token, body: { code: wrongCode(secret) } })
    for (let n = 0; n < 4; n += 1) await fail()
    expect(typesOf(await read(token))).toEqual(['mfa.enabled'])
    for (let n = 0; n < 3; n += 1) await fail()
    expect(typesOf(await read(token))).toEqual(['throttle.started', 'mfa.enabled'])
    await setSubject(sub, 'failures = 50, retry_at = NULL')
    await fail()
    expect(typesOf(await read(token))).toHaveLength(2)
    await setSubject(sub, 'failures = 99, retry_at = NULL')
    await fail()
    await fail()
    expect(typesOf(await read(token))).toEqual(['throttle.blocked', 'throttle.started', 'mfa.enabled'])
  })

  it('never tell how a code failed: a wrong, a replayed and an expired one leave the same', async () => {
    const { token, secret } = await readyAccount(service)
    const codes = [wrongCode(secret), codeOf(secret, Date.now() - 30_000), codeOf(secret, Date.now() - 300_000)]
    const answers = []
    for (const code of codes) answers.push(await service.call(CHALLENGE, { token, body: { code } }))
    expect(
      new Set(answers.map(({ status, body }) => `${status} ${body['type']} ${body['title']} ${body['detail']}`)).size,
    ).toBe(1)
    expect(typesOf(await read(token))).toEqual(['mfa.enabled'])
  })

  it("tell an administrator's act as such, without the reason and without who it was", async () => {
    const { token, sub } = await readyAccount(service)
    const admin = await adminToken()
    // No UUID has these letters.
    const reason = 'Ticket XYZ: lost phone'
    for (const act of ['unlock', 'reset']) {
      const operation = `POST /api/admin/users/${sub}/mfa/${act}`
      expect((await service.call(operation, { token: admin, body: { reason } })).status).toBe(200)
    }
    const { text, body } = await service.call(`GET ${EVENTS}`, { token })
    expect(body['events']).toMatchObject([
      { type: 'admin.reset', by: 'administrator', authenticator_id: null },
      { type: 'admin.unlocked', by: 'administrator', authenticator_id: null },
      { type: 'mfa.enabled' },
    ])
    expect((body as Page).events[2]).not.toHaveProperty('by')
    expect(text).not.toContain('XYZ')
    expect(text).not.toContain('admin-')
    expect((body as Page).events.map((event) => Object.keys(event).sort().join())).toEqual([
      'at,authenticator_id,by,country,id,type',
      'at,authenticator_id,by,country,id,type',
      'at,authenticator_id,country,id,type',
    ])
  })

  it('of the throttle cost a round trip each, and a failure without one costs none', async () => {
    const { token, sub, secret } = await readyAccount(service)
    const fail = () => service.countCalls(() => service.call(CHALLENGE, { token, body: { code: wrongCode(secret) } }))
    const costs: number[] = []
    for (let n = 0; n < 6; n += 1) costs.push(await fail())
    expect(costs).toEqual([1, 1, 1, 1, 2, 1])
    await setThrottle(sub, { failures: 5, retryAt: null })
    expect(await fail()).toBe(1)
    await setThrottle(sub, { failures: 99, retryAt: null })
    expect([await fail(), await fail()]).toEqual([2, 1])
  })

  it('cost one round trip, and none for a bad query', async () => {
    const { token } = await newUser()
    expect(await service.countCalls(() => service.call(`GET ${EVENTS}`, { token }))).toBe(1)
    expect(await service.countCalls(() => service.call(`GET ${EVENTS}?limit=0`, { token }))).toBe(0)
  })
})
