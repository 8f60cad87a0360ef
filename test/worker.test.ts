import { describe, expect, it } from 'vitest'
import { captureLog, startService } from './support/service.ts'

describe('a Worker without its own address', () => {
  it('builds no address of a problem from the request', async () => {
    const service = startService({ PUBLIC_URL: undefined })
    const answer = await service.call('GET /health', { headers: { Host: 'attacker.example' } })
    expect(answer).toMatchObject({ status: 500, body: { type: 'about:blank', title: 'Internal error' } })
    expect(answer.text).not.toContain('attacker')
  })
})

describe('a tick of the cron', () => {
  it('does nothing with a wrong configuration, and names its faults in the log without a value', async () => {
    const service = startService({ MFA_KEYS: 'planted-nonsense', AUTH_AUDIENCE: undefined })
    const lines = captureLog()
    await service.tick()
    expect(lines).toHaveLength(1)
    expect(JSON.stringify(lines)).toMatch(/MFA_KEYS.*AUTH_AUDIENCE|AUTH_AUDIENCE.*MFA_KEYS/)
    expect(JSON.stringify(lines)).not.toContain('planted')
  })
})
