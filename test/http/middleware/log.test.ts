import { hex } from '@scure/base'
import { describe, expect, it, vi } from 'vitest'
import { holdClock } from '../../support/account.ts'
import { enroll, setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { expectProblem } from '../../support/problems.ts'
import { query } from '../../support/rows.ts'
import { captureLog, newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const STATUS = `GET ${PROFILE}`
const VERIFY = `POST ${PROFILE}/verify`
const service = startService()
holdClock()

describe('the log', () => {
  it('has one line for a request, with all that finds it again', async () => {
    const { token } = await newUser()
    const lines = captureLog()
    const { headers } = await service.call(STATUS, { token })
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: 'info',
        requestId: headers.get('X-Request-Id'),
        operation: STATUS,
        status: 200,
        issuer: 'https://issuer.example',
        subject: expect.stringMatching(/^[0-9a-f]{16}$/),
        durationMs: expect.any(Number),
        databaseRoundTrips: 1,
      },
    ])
  })

  it('tells subjects apart by a hash that needs our key, and never holds who they are', async () => {
    const { sub, token } = await newUser({ email: 'alice@example.com' })
    const lines = captureLog()
    await service.call(STATUS, { token })
    await service.call(STATUS, { token: await accessToken({ sub }) })
    await service.call(STATUS, { token: (await newUser()).token })
    const [first, second, other] = lines.map(({ subject }) => subject)
    expect(second).toBe(first)
    expect(other).not.toBe(first)
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`${sub}|alice@`))
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sub))
    expect(hex.encode(new Uint8Array(digest))).not.toContain(String(first))
  })

  it.each([
    [404, 'GET /nowhere/planted-id', undefined],
    [405, `PUT ${PROFILE}`, undefined],
    [401, STATUS, undefined],
    [200, 'GET /health', undefined],
  ])('has a line for a %i too, without a subject', async (status, operation) => {
    const lines = captureLog()
    await service.call(operation)
    expect(lines).toMatchObject([{ status, level: 'info', databaseRoundTrips: 0 }])
    expect(lines[0]).not.toHaveProperty('subject')
    expect(JSON.stringify(lines)).not.toContain('planted-id')
  })

  it('names the route, never an id in the path or a query', async () => {
    const { token } = await newUser()
    const lines = captureLog()
    await service.call(`POST ${PROFILE}/authenticators/planted-id/remove?q=planted-id`, { token, body: {} })
    expect(lines[0]).toMatchObject({ operation: expect.stringMatching(/^POST \/api\/.*:id.*\/remove$/) })
    expect(JSON.stringify(lines)).not.toContain('planted-id')
  })

  it('names a HEAD by the route that answered it', async () => {
    const lines = captureLog()
    await service.call('HEAD /health')
    expect(lines).toMatchObject([{ operation: 'HEAD /health', status: 200 }])
  })

  it.each([
    ['wrong', (secret: string) => wrongCode(secret)],
    ['out-of-window', (secret: string) => codeOf(secret, Date.now() + 300_000)],
  ])('alone tells why a code was refused: %s', async (reason, code) => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const lines = captureLog()
    const answer = await service.call(VERIFY, { token, body: { code: code(secret) } })
    expectProblem(answer, 'invalid-code')
    expect(lines).toMatchObject([{ problem: 'invalid-code', reason, status: 400 }])
    expect(answer.text + JSON.stringify([...answer.headers])).not.toContain(reason === 'wrong' ? 'reason' : reason)
  })

  it('tells a replayed code from a wrong one, while the answers are the same', async () => {
    const { token } = await newUser()
    const { secret } = await enroll(service, token)
    const lines = captureLog()
    const challenge = (code: string) => service.call(`POST ${PROFILE}/challenge`, { token, body: { code } })
    const replayed = await challenge(codeOf(secret))
    const wrong = await challenge(wrongCode(secret))
    expect(lines.map(({ reason }) => reason)).toEqual(['replayed', 'wrong'])
    expect(replayed.body['detail']).toBe(wrong.body['detail'])
  })

  it.each(['none', 'expired', 'exhausted'])('tells why there is no pending secret: %s', async (reason) => {
    const { sub, token } = await newUser()
    if (reason !== 'none') await setUp(service, token)
    const change = { none: '', expired: 'expires_at = 1', exhausted: `attempts = '[0,0,0,0,0,0,0,0,0,0]'` }[reason]
    const mine = '(SELECT id FROM subject WHERE sub = ?)'
    if (change) await query(`UPDATE authenticator SET ${change} WHERE subject_id = ${mine}`, sub)
    const lines = captureLog()
    expectProblem(await service.call(VERIFY, { token, body: { code: '123456' } }), 'no-pending-enrollment')
    expect(lines).toMatchObject([{ problem: 'no-pending-enrollment', reason }])
  })

  it('tells why a token was refused, without the token', async () => {
    const token = await accessToken({ aud: 'planted-audience' })
    const lines = captureLog()
    await service.call(STATUS, { token })
    expect(lines).toMatchObject([{ problem: 'invalid-token', reason: expect.stringMatching(/^token: /) }])
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`${token.slice(0, 20)}|planted`))
  })

  it('tells the cause of a 5xx, without SQL or values', async () => {
    const failing = startService()
    const { sub, token } = await newUser()
    await failing.plan({ 1: 'error' })
    const lines = captureLog()
    const answer = await failing.call(STATUS, { token })
    expectProblem(answer, 'unavailable')
    expect(lines).toMatchObject([
      {
        level: 'error',
        status: 503,
        problem: 'unavailable',
        reason: expect.stringMatching(/^database: /),
        cause: expect.any(String),
      },
    ])
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`SELECT|${sub}`))
  })

  it('tells why the deep health check fails', async () => {
    const failing = startService()
    await failing.plan({ 1: 'error' })
    const lines = captureLog()
    await failing.call('GET /health?deep=1')
    expect(lines).toMatchObject([{ status: 503, problem: 'unavailable', reason: expect.stringMatching(/^database: /) }])
  })

  it('that throws breaks no answer', async () => {
    const { token } = await newUser()
    const writer = vi.spyOn(console, 'log').mockImplementation(() => {
      throw new Error('planted')
    })
    const secret = await setUp(service, token)
    const { status, body } = await service.call(VERIFY, { token, body: { code: codeOf(secret) } })
    expect(status).toBe(200)
    expect(body['backup_codes']).toHaveLength(10)
    expectProblem(await service.call(STATUS), 'unauthorized')
    const misconfigured = await startService({ MFA_KEYS: undefined }).call('GET /health')
    expect(misconfigured).toMatchObject({ status: 500, body: { title: 'Internal error' } })
    expect(writer).toHaveBeenCalled()
  })
})
