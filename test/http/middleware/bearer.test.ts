import { describe, expect, it } from 'vitest'
import { expectProblem } from '../../support/problems.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const STATUS = `GET ${PROFILE}`
const INVALID = /^Bearer realm="mfa", error="invalid_token", error_description="[^"\\]+"$/
const service = startService()

describe('the bearer guard', () => {
  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('takes a token after %s (RFC 9110 §11.1)', async (scheme) => {
    const { token } = await newUser()
    const answer = await service.call(STATUS, { headers: { Authorization: `${scheme} ${token}` } })
    expect(answer.status).toBe(200)
  })

  it('answers a request without credentials with a challenge without an error (RFC 6750 §3.1)', async () => {
    const answer = await service.call(STATUS)
    expectProblem(answer, 'unauthorized')
    expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer realm="mfa"')
  })

  it.each(['Basic YWxpY2U6eA==', 'DPoP {token}', 'Bearer{token}', 'BearerX {token}', '{token}', 'Token {token}'])(
    'answers another scheme likewise: %s',
    async (authorization) => {
      const { token } = await newUser()
      const answer = await service.call(STATUS, { headers: { Authorization: authorization.replace('{token}', token) } })
      expectProblem(answer, 'unauthorized')
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer realm="mfa"')
    },
  )

  it.each([
    ['no token', 'Bearer'],
    ['no token but spaces', 'Bearer   '],
    ['no JWS', 'Bearer abc'],
    ['two tokens', 'Bearer {token} {token}'],
    ['two tokens with a comma', 'Bearer {token}, Bearer {token}'],
    ['a token in quotes', 'Bearer "{token}"'],
    ['a token as a parameter', 'Bearer token={token}'],
    ['a token with padding', 'Bearer {token}='],
    ['a token cut short', 'Bearer {token:cut}'],
  ])('answers %s with invalid_token (RFC 6750 §3.1)', async (_, authorization) => {
    const { token } = await newUser()
    const sent = authorization.replaceAll('{token}', token).replace('{token:cut}', token.slice(0, -3))
    const answer = await service.call(STATUS, { headers: { Authorization: sent } })
    expectProblem(answer, 'invalid-token')
    expect(answer.headers.get('WWW-Authenticate')).toMatch(INVALID)
  })

  it('tells no reason: all bad tokens get one answer', async () => {
    const tokens = [
      'abc',
      await accessToken({ exp: Math.floor(Date.now() / 1000) - 60 }),
      await accessToken({ iss: 'https://other.example' }),
      await accessToken({ aud: 'other' }),
      await accessToken({ sub: undefined }),
    ]
    const answers = await Promise.all(tokens.map((token) => service.call(STATUS, { token })))
    const shown = answers.map(({ headers, body: { requestId, instance, ...rest } }) =>
      JSON.stringify([headers.get('WWW-Authenticate'), rest]),
    )
    expect(new Set(shown).size).toBe(1)
  })

  it.each(['access_token', 'token', 'authorization'])(
    'takes no token from the query: %s (RFC 9700 §4.3.2)',
    async (name) => {
      const { token } = await newUser()
      expectProblem(await service.call(`${STATUS}?${name}=${token}`), 'unauthorized')
    },
  )

  it('takes no token from a cookie, a body or another header', async () => {
    const { token } = await newUser()
    const headers = { Cookie: `access_token=${token}; Authorization=Bearer ${token}`, 'X-Access-Token': token }
    expectProblem(await service.call(STATUS, { headers }), 'unauthorized')
    const body = { access_token: token, code: '123456' }
    expectProblem(await service.call(`POST ${PROFILE}/verify`, { body }), 'unauthorized')
  })

  it('stands before every operation under /api, and costs no database call', async () => {
    const operations = [
      STATUS,
      `POST ${PROFILE}/setup`,
      `DELETE ${PROFILE}/setup`,
      ...['verify', 'challenge', 'backup-codes', 'disable'].map((name) => `POST ${PROFILE}/${name}`),
      `PATCH ${PROFILE}/authenticators/a`,
      `POST ${PROFILE}/authenticators/a/remove`,
      `GET ${PROFILE}/events`,
      'GET /api/admin/users/alice/mfa',
      'POST /api/admin/users/alice/mfa/reset',
      'POST /api/admin/users/alice/mfa/unlock',
    ]
    const calls = await service.countCalls(async () => {
      for (const operation of operations) {
        expectProblem(await service.call(operation), 'unauthorized')
        expectProblem(await service.call(operation, { token: 'a.b.c' }), 'invalid-token')
      }
    })
    expect(calls).toBe(0)
  })

  it('names the scope that is missing (RFC 6750 §3.1)', async () => {
    const { token } = await newUser({ scope: 'profile mfa:administrator' })
    const answer = await service.call('POST /api/admin/users/alice/mfa/reset', { token, body: { reason: 'asked' } })
    expectProblem(answer, 'insufficient-scope')
    expect(answer.headers.get('WWW-Authenticate')).toMatch(
      /^Bearer realm="mfa", error="insufficient_scope", error_description="[^"\\]+", scope="mfa:admin"$/,
    )
  })

  it('tells two subjects of one `sub` apart by their issuer', async () => {
    const { sub, token } = await newUser()
    await service.call(`POST ${PROFILE}/setup`, { token, body: {} })
    const elsewhere = startService({ AUTH_ISSUER: 'https://second.example' })
    const other = await accessToken({ sub, iss: 'https://second.example' })
    expect((await elsewhere.call(STATUS, { token: other })).body['pending']).toBeNull()
    expect((await service.call(STATUS, { token })).body['pending']).not.toBeNull()
  })
})
