import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectProblem, expectWellFormed } from '../../support/problems.ts'
import { captureLog, startService } from '../../support/service.ts'

const DEEP = 'GET /health?deep=1'

afterEach(() => {
  vi.useRealTimers()
})

describe('health', () => {
  it('answers without a token and without asking the database', async () => {
    const service = startService()
    const calls = await service.countCalls(async () => {
      expect(await service.call('GET /health')).toMatchObject({ status: 200, body: { status: 'ok' } })
    })
    expect(calls).toBe(0)
  })

  it('asks the database with ?deep=1, and keeps its answer for five seconds', async () => {
    const service = startService()
    vi.setSystemTime(Date.now())
    const ask = () => service.countCalls(() => service.call(DEEP))
    expect(await ask()).toBe(1)
    vi.setSystemTime(Date.now() + 4_999)
    expect(await ask()).toBe(0)
    vi.setSystemTime(Date.now() + 1)
    expect(await ask()).toBe(1)
  })

  it('answers 503 to ?deep=1 while the database fails, also from what it kept, and 200 to the shallow question', async () => {
    const service = startService()
    vi.setSystemTime(Date.now())
    await service.plan({ 1: 'refuse' })
    for (let time = 0; time < 2; time += 1) {
      const answer = await service.call(DEEP)
      expectProblem(answer, 'unavailable')
      expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    }
    expect((await service.call('GET /health')).status).toBe(200)
    vi.setSystemTime(Date.now() + 5_000)
    expect((await service.call(DEEP)).status).toBe(200)
  })

  it('asks again when the clock went back', async () => {
    const service = startService()
    vi.setSystemTime(Date.now())
    await service.call(DEEP)
    vi.setSystemTime(Date.now() - 86_400_000)
    expect(await service.countCalls(() => service.call(DEEP))).toBe(1)
  })

  it('answers 500 on every route when the configuration is wrong, and names all faults in the log without a value', async () => {
    const service = startService({ MFA_KEYS: 'planted-nonsense', MFA_ISSUER: undefined })
    const lines = captureLog()
    for (const operation of ['GET /health', 'GET /', 'POST /api/user/profile/mfa/verify']) {
      const answer = await service.call(operation)
      expect(answer.status).toBe(500)
      expectWellFormed(answer)
      expect(answer.body['title']).toBe('Internal error')
      expect(answer.text).not.toMatch(/MFA_|planted/)
    }
    expect(lines).toHaveLength(3)
    expect(JSON.stringify(lines[0])).toContain('MFA_KEYS')
    expect(JSON.stringify(lines[0])).toContain('MFA_ISSUER')
    expect(JSON.stringify(lines)).not.toContain('planted')
  })
})
