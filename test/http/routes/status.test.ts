import { afterEach, describe, expect, it, vi } from 'vitest'
import { enroll, setUp } from '../../support/life.ts'
import { expectProblem } from '../../support/problems.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const STATUS = `GET ${PROFILE}`
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const service = startService()

afterEach(() => {
  vi.useRealTimers()
})

describe('status', () => {
  it('shows a subject nobody has seen as one with MFA off', async () => {
    const { token } = await newUser()
    const { status, body, headers } = await service.call(STATUS, { token })
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toMatch(/^application\/json/)
    expect(body).toEqual({
      enabled: false,
      enabled_at: null,
      pending: null,
      authenticators: [],
      backup_codes: { total: 0, remaining: 0 },
    })
  })

  it('shows a pending secret and when it expires, while MFA is still off', async () => {
    const { token } = await newUser()
    const setup = await service.call(`POST ${PROFILE}/setup`, { token, body: {} })
    const { body } = await service.call(STATUS, { token })
    expect(body).toMatchObject({ enabled: false, enabled_at: null, authenticators: [] })
    expect(body['pending']).toEqual({ expires_at: setup.body['expires_at'] })
  })

  it('shows the active authenticator with its name and the backup codes', async () => {
    const { token } = await newUser()
    const before = Date.now()
    await enroll(service, token)
    const { body } = await service.call(STATUS, { token })
    expect(body).toEqual({
      enabled: true,
      enabled_at: expect.stringMatching(RFC3339),
      pending: null,
      authenticators: [
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          name: 'Authenticator',
          created_at: expect.stringMatching(RFC3339),
          last_used_at: expect.stringMatching(RFC3339),
        },
      ],
      backup_codes: { total: 10, remaining: 10 },
    })
    const enabledAt = Date.parse(String(body['enabled_at']))
    expect(enabledAt).toBeGreaterThanOrEqual(before)
    expect(enabledAt).toBeLessThanOrEqual(Date.now())
  })

  it('counts a backup code that was used', async () => {
    const { token } = await newUser()
    const { backupCodes } = await enroll(service, token)
    await service.call(`POST ${PROFILE}/challenge`, { token, body: { backup_code: backupCodes[0] } })
    expect((await service.call(STATUS, { token })).body['backup_codes']).toEqual({ total: 10, remaining: 9 })
  })

  it('no longer shows a pending secret after ten minutes', async () => {
    const { sub, token } = await newUser()
    vi.setSystemTime(Date.now())
    await setUp(service, token)
    vi.setSystemTime(Date.now() + 599_999)
    expect((await service.call(STATUS, { token: await accessToken({ sub }) })).body['pending']).not.toBeNull()
    vi.setSystemTime(Date.now() + 1)
    expect((await service.call(STATUS, { token: await accessToken({ sub }) })).body['pending']).toBeNull()
  })

  it('shows nobody the factors of another subject', async () => {
    const owner = await newUser()
    await enroll(service, owner.token)
    const other = await newUser()
    expect((await service.call(STATUS, { token: other.token })).body).toMatchObject({
      enabled: false,
      authenticators: [],
    })
  })

  it('never holds a secret or a code', async () => {
    const { token } = await newUser()
    const { secret, backupCodes } = await enroll(service, token)
    const { text } = await service.call(STATUS, { token })
    for (const each of [secret, ...backupCodes]) expect(text).not.toContain(each)
    expect(text).not.toMatch(/sealed|hash/)
  })

  it('costs one round trip, and none with a bad token', async () => {
    const { token } = await newUser()
    expect(await service.countCalls(() => service.call(STATUS, { token }))).toBe(1)
    expect(await service.countCalls(() => service.call(STATUS, { token: `${token}x` }))).toBe(0)
  })

  it('fails closed: no answer from the database is a problem, never "MFA is off"', async () => {
    const { token } = await newUser()
    await enroll(service, token)
    await service.plan({ 1: 'refuse' })
    const answer = await service.call(STATUS, { token })
    expectProblem(answer, 'unavailable')
    expect(answer.body).not.toHaveProperty('enabled')
  })
})
