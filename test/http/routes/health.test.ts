import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectProblem, expectWellFormed } from '../../support/problems.ts'
import { captureLog, startService } from '../../support/service.ts'

const DEEP = 'GET /health?deep=1'
/** Of as many calls as there are requests. */
const EVERY_CALL_HANGS = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [at + 1, 'hang' as const]))

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

  it('makes one call of the database for 200 requests at once that hangs, and answers all of them within 5 s', async () => {
    const service = startService()
    const startedAt = performance.now()
    const ask = () => Promise.all(Array.from({ length: 200 }, () => service.call(DEEP)))
    let answers: Awaited<ReturnType<typeof ask>> = []
    const calls = await service.countCalls(async () => {
      answers = await ask()
    }, EVERY_CALL_HANGS)
    expect(calls).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    for (const answer of answers) expectProblem(answer, 'unavailable')
    expect(await service.countCalls(() => service.call(DEEP), EVERY_CALL_HANGS)).toBe(0)
  })

  it('gives the result of one call to all requests that come while it is under way', async () => {
    const service = startService()
    const statuses: number[] = []
    const calls = await service.countCalls(
      async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => service.call(DEEP)))
        statuses.push(...answers.map(({ status }) => status))
      },
      { 1: 'slow' },
    )
    expect([calls, new Set(statuses)]).toEqual([1, new Set([200])])
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
