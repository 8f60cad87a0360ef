import { describe, expect, it } from 'vitest'
import { adminToken, openAccount, problem } from '../../support/account.ts'
import { newUser, startService } from '../../support/service.ts'

const BULK = 'POST /api/admin/users/status'
const service = startService()

describe('bulk status', () => {
  it('tells who has MFA on, in the order of the request, in one round trip', async () => {
    const [on, other] = [await openAccount(service), await openAccount(service)]
    const subs = [other.sub, 'nobody', on.sub, (await newUser()).sub, on.sub, '\u{1F4A1} "quoted"', '']
    const call = { token: await adminToken('mfa:read'), body: { subs } }
    expect(await service.countCalls(() => service.call(BULK, call))).toBe(1)
    const { status, body } = await service.call(BULK, call)
    expect(status).toBe(200)
    const users = body['users'] as { sub: string; enabled: boolean; enabled_at: string | null }[]
    expect(users.map(({ sub }) => sub)).toEqual(subs)
    expect(users.map(({ enabled }) => enabled)).toEqual([true, false, true, false, true, false, false])
    expect(users.map(({ enabled_at }) => enabled_at !== null)).toEqual(users.map(({ enabled }) => enabled))
  })

  it('takes a hundred of the longest names', async () => {
    const subs = Array.from({ length: 100 }, (_, index) => String(index).padEnd(255, 'x'))
    const { status, body } = await service.call(BULK, { token: await adminToken(), body: { subs } })
    expect(status).toBe(200)
    expect(body['users']).toHaveLength(100)
  })

  it.each([
    ['no list', {}],
    ['an empty list', { subs: [] }],
    ['a hundred and one', { subs: Array.from({ length: 101 }, String) }],
    ['a number', { subs: [7] }],
    ['a text', { subs: 'alice' }],
  ])('refuses %s', async (_, body) => {
    expect(await service.call(BULK, { token: await adminToken(), body })).toMatchObject(problem(400, 'invalid-request'))
  })

  it('refuses a body of more than 32 KiB, and only that', async () => {
    const bodyOf = (length: number) => `{"subs":["a"],"x":"${'y'.repeat(length - 21)}"}`
    expect(bodyOf(32_768)).toHaveLength(32_768)
    const call = async (body: string) => service.call(BULK, { token: await adminToken(), body })
    expect((await call(bodyOf(32_768))).status).toBe(200)
    const refused = await call(bodyOf(32_769))
    expect(refused).toMatchObject(problem(413, 'payload-too-large'))
    expect(refused.body['detail']).toContain('32768')
  })

  it('needs a scope', async () => {
    const { token } = await newUser()
    expect(await service.call(BULK, { token, body: { subs: ['a'] } })).toMatchObject(problem(403, 'insufficient-scope'))
  })
})
