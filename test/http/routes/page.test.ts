import { describe, expect, it } from 'vitest'
import { expectProblem } from '../../support/problems.ts'
import { PROFILE, startService } from '../../support/service.ts'

const LOCAL = { PUBLIC_URL: 'http://127.0.0.1:8787', PAGE_ENABLED: 'true' }
const SIGN_IN = { body: { sub: 'made up' } }

describe('the demonstration page', () => {
  it.each(['GET /', 'GET /page/page.js'])('is not there unless it was switched on: %s', async (operation) => {
    expectProblem(await startService().call(operation), 'not-found')
    const { status, headers } = await startService({ PAGE_ENABLED: 'true' }).call(operation)
    expect(status).toBe(200)
    expect(headers.get('Content-Security-Policy')).toBeTruthy()
  })
})

describe('POST /page/token', () => {
  it('signs a made-up user in, for a local service that shares a secret with its issuer', async () => {
    const service = startService(LOCAL)
    const signedIn = await service.call('POST /page/token', SIGN_IN)
    expect(signedIn.body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 })
    expect(signedIn.headers.get('Cache-Control')).toBe('no-store')
    const status = await service.call(`GET ${PROFILE}`, { token: String(signedIn.body['access_token']) })
    expect(status.body['enabled']).toBe(false)
  })

  it.each([
    ['the page is off', { PAGE_ENABLED: undefined }],
    ['the service is not on loopback', { PUBLIC_URL: 'https://mfa.example' }],
    ['the origin only looks like loopback', { PUBLIC_URL: 'https://127.0.0.1.example' }],
    ['the issuer has a key set', { AUTH_HS256_SECRET: undefined, AUTH_JWKS_URL: 'https://issuer.example/jwks' }],
  ])('is not found where %s', async (_, overrides) => {
    const { status, body } = await startService({ ...LOCAL, ...overrides }).call('POST /page/token', SIGN_IN)
    expect(status).toBe(404)
    expect(body['access_token']).toBeUndefined()
  })

  it.each([{}, { sub: '' }, { sub: '..' }, { sub: 'é' }, { sub: 7 }])('refuses %j', async (body) => {
    const answer = await startService(LOCAL).call('POST /page/token', { body })
    expect([answer.status, answer.body['title']]).toEqual([400, 'Invalid request'])
  })
})
