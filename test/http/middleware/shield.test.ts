import { env } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { problem } from '../../support/account.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'

const LIMIT = 30
const PERIOD_MS = 60_000
/** The binding of wrangler.toml, whose simulation takes a smaller limit than is configured. */
const SUBJECT_LIMIT = { limit: ({ key }: { key: string }) => env.SUBJECT_LIMIT.limit(limited(key)) }

/** A request that the shield counts and that costs no database call: its body is refused. */
const REFUSED = { operation: `POST ${PROFILE}/challenge`, body: {} }
type Service = ReturnType<typeof startService>

function limited(key: string) {
  return { key, limit: LIMIT, period: PERIOD_MS / 1000 }
}

async function ask(service: Service, token: string) {
  return service.call(REFUSED.operation, { token, body: REFUSED.body })
}

/** Sends requests of one new subject within one period of the limit; answers its token and what they got. */
async function flood(service: Service, times: number) {
  for (;;) {
    const { token } = await newUser()
    const period = Math.floor(Date.now() / PERIOD_MS)
    const statuses: number[] = []
    while (statuses.length < times) statuses.push((await ask(service, token)).status)
    if (Math.floor(Date.now() / PERIOD_MS) === period) return { token, statuses }
  }
}

describe('the flood shield', () => {
  it('turns away what a subject sends beyond its limit of a minute, and no other subject', async () => {
    const service = startService({ SUBJECT_LIMIT })
    const { token, statuses } = await flood(service, LIMIT + 1)
    expect(statuses).toEqual([...Array.from({ length: LIMIT }, () => 400), 429])
    const other = await newUser()
    expect((await ask(service, other.token)).status).toBe(400)
    const refused = await ask(service, token)
    expect(refused).toMatchObject(problem(429, 'too-many-attempts'))
    expect(refused.body['retryAfter']).toBe(60)
    expect(refused.headers.get('Retry-After')).toBe('60')
  })

  it('keeps what it turns away from the database', async () => {
    const service = startService({ SUBJECT_LIMIT: { limit: async () => ({ success: false }) } })
    const { token } = await newUser({ scope: 'mfa:admin' })
    for (const operation of [`GET ${PROFILE}`, `GET ${PROFILE}/events`, 'GET /api/admin/users/x/mfa']) {
      const calls = await service.countCalls(async () => {
        expect(await service.call(operation, { token })).toMatchObject(problem(429, 'too-many-attempts'))
      })
      expect(calls).toBe(0)
    }
  })

  it('counts no request without a valid token', async () => {
    const counted: string[] = []
    const limiter = { limit: async ({ key }: { key: string }) => ({ success: counted.push(key) > 0 }) }
    const service = startService({ SUBJECT_LIMIT: limiter, ADDRESS_LIMIT: limiter })
    await service.call(REFUSED.operation, { token: 'rubbish', body: {} })
    expect(counted).toEqual([])
    const { sub, token } = await newUser()
    await service.call(REFUSED.operation, { token, body: {}, headers: { 'CF-Connecting-IP': '192.0.2.7' } })
    expect(counted).toEqual([JSON.stringify(['https://issuer.example', sub]), '192.0.2.7'])
  })

  it('limits by the address that the edge saw, and by none that a client claims', async () => {
    const ADDRESS_LIMIT = { limit: async () => ({ success: false }) }
    const service = startService({ ADDRESS_LIMIT })
    const { token } = await newUser()
    const call = (header: string) =>
      service.call(REFUSED.operation, { token, body: {}, headers: { [header]: '192.0.2.7' } })
    expect((await call('CF-Connecting-IP')).status).toBe(429)
    for (const header of ['X-Forwarded-For', 'X-Real-IP', 'True-Client-IP', 'Forwarded']) {
      expect((await call(header)).status).toBe(400)
    }
  })

  it('limits nothing where its binding is missing or fails', async () => {
    const failing = { limit: () => Promise.reject(new Error('planted')) }
    for (const service of [startService(), startService({ SUBJECT_LIMIT: failing })]) {
      const { statuses } = await flood(service, LIMIT + 1)
      expect(new Set(statuses)).toEqual(new Set([400]))
    }
  })
})
