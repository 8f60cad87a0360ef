import { describe, expect, it } from 'vitest'
import { type Answer, newUser, PROFILE, startService } from '../../support/service.ts'

const OURS = 'https://app.example'
const ALSO_OURS = 'http://localhost:5173'
const service = startService({ CORS_ORIGINS: `${OURS}, ${ALSO_OURS}` })

function preflight(origin: string, headers: Record<string, string> = {}): Promise<Answer> {
  return service.call(`OPTIONS ${PROFILE}/verify`, {
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', ...headers },
  })
}

const listOf = (answer: Answer, header: string) => (answer.headers.get(header) ?? '').split(/, ?/).toSorted()

describe('a preflight', () => {
  it.each([OURS, ALSO_OURS])('lets %s send what the operations take, without a token', async (origin) => {
    const answer = await preflight(origin, { 'Access-Control-Request-Headers': 'authorization,content-type' })
    expect([answer.status, answer.text]).toEqual([204, ''])
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(origin)
    expect(listOf(answer, 'Access-Control-Allow-Methods')).toEqual(['DELETE', 'GET', 'PATCH', 'POST'])
    expect(listOf(answer, 'Access-Control-Allow-Headers')).toEqual(['Authorization', 'Content-Type', 'X-Request-Id'])
    expect(Number(answer.headers.get('Access-Control-Max-Age'))).toBeGreaterThan(0)
    expect(listOf(answer, 'Vary')).toContain('Origin')
  })

  it.each([
    'https://other.example',
    'https://app.example.evil.example',
    'https://app.example:8443',
    'http://app.example',
    'https://APP.example',
    'https://sub.app.example',
    'null',
  ])('lets %s do nothing', async (origin) => {
    const { headers } = await preflight(origin)
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  it('is kept by no cache of HTTP, as nothing under /api is', async () => {
    for (const origin of [OURS, 'https://other.example']) {
      expect((await preflight(origin)).headers.get('Cache-Control')).toBe('no-store')
    }
  })

  it('never allows credentials: the token is a header, a cookie is none', async () => {
    expect((await preflight(OURS)).headers.get('Access-Control-Allow-Credentials')).toBeNull()
  })
})

describe('an answer to a page of another origin', () => {
  const EXPOSED = ['Allow', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id']

  it('can be read by a configured one, with the headers that tell what to do next', async () => {
    const { token } = await newUser()
    const answer = await service.call(`GET ${PROFILE}`, { token, headers: { Origin: OURS } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(OURS)
    expect(listOf(answer, 'Access-Control-Expose-Headers')).toEqual(EXPOSED)
    expect(listOf(answer, 'Vary')).toContain('Origin')
  })

  it.each([
    [401, `GET ${PROFILE}`],
    [404, 'GET /nowhere'],
    [405, `PUT ${PROFILE}`],
  ])('can be read when it is a %i', async (status, operation) => {
    const answer = await service.call(operation, { headers: { Origin: OURS } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(OURS)
    expect(listOf(answer, 'Access-Control-Expose-Headers')).toEqual(EXPOSED)
  })

  it('can be read when it is a 503', async () => {
    const failing = startService({ CORS_ORIGINS: OURS })
    await failing.plan({ 1: 'error' })
    const { token } = await newUser()
    const answer = await failing.call(`GET ${PROFILE}`, { token, headers: { Origin: OURS } })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe(OURS)
  })

  it('cannot be read by any other, nor by anyone where no origin is configured', async () => {
    const { token } = await newUser()
    const headers = { Origin: 'https://other.example' }
    const other = await service.call(`GET ${PROFILE}`, { token, headers })
    expect(other.headers.get('Access-Control-Allow-Origin')).toBeNull()
    const closed = await startService().call(`GET ${PROFILE}`, { token, headers: { Origin: OURS } })
    expect(closed.headers.get('Access-Control-Allow-Origin')).toBeNull()
  })
})

describe('OPTIONS without a preflight', () => {
  it('is a method like any other: 405', async () => {
    const { status, headers } = await service.call(`OPTIONS ${PROFILE}`, { headers: { Origin: OURS } })
    expect(status).toBe(405)
    expect(headers.get('Allow')).toContain('GET')
  })
})
