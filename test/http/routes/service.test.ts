import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { eventTypes, holdClock, openAccount, pass, problem, readyAccount } from '../../support/account.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { rowsOf } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const service = startService()
holdClock()

const pathOf = (sub: string) => `POST /api/service/users/${encodeURIComponent(sub)}/challenge`
const backendToken = (scope = 'mfa:challenge') => accessToken({ sub: 'login-backend', scope })

describe('a challenge by a service', () => {
  it('returns a token that names the service and claims no first factor, in two round trips', async () => {
    const { sub, secret } = await readyAccount(service)
    const call = { token: await backendToken(), body: { code: codeOf(secret), txn: 'payment-1' } }
    let answer = await service.call('GET /health')
    expect(
      await service.countCalls(async () => {
        answer = await service.call(pathOf(sub), call)
      }),
    ).toBe(2)
    expect(answer).toMatchObject({ status: 200, body: { acr: 'urn:edge-mfa:acr:factor', amr: ['otp'] } })
    const claims = { sub, sub_iss: 'https://issuer.example', client_id: 'login-backend', txn: 'payment-1' }
    expect(decodeJwt(String(answer.body['token']))).toMatchObject({
      ...claims,
      acr: 'urn:edge-mfa:acr:factor',
      amr: ['otp'],
    })
  })

  it('takes a backup code in one round trip, and names no method for it', async () => {
    const { sub, backupCodes } = await readyAccount(service)
    const call = { token: await backendToken(), body: { backup_code: backupCodes[0] } }
    expect(await service.countCalls(() => service.call(pathOf(sub), call))).toBe(1)
    const next = await service.call(pathOf(sub), { ...call, body: { backup_code: backupCodes[1] } })
    expect(next).toMatchObject({ status: 200, body: { amr: [], backup_codes_remaining: 8 } })
  })

  it('is told to the subject as done by a service, whose name stays in the record', async () => {
    const { sub, token, backupCodes } = await readyAccount(service)
    await service.call(pathOf(sub), { token: await backendToken(), body: { backup_code: backupCodes[0] } })
    const { body, text } = await service.call(`GET ${PROFILE}/events`, { token })
    expect(body['events']).toMatchObject([
      { type: 'challenge.passed', by: 'service', failed_attempts: 0 },
      { type: 'backup_code.redeemed', by: 'service' },
      { type: 'mfa.enabled' },
    ])
    expect(text).not.toContain('login-backend')
    expect((await rowsOf(sub)).event.map((row) => row['service'])).toContain('login-backend')
  })

  it('shares the throttle with the subject: one guess is charged once, whoever makes it', async () => {
    const { sub, token, secret } = await readyAccount(service)
    const body = { code: wrongCode(secret, Date.now()) }
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await service.call(pathOf(sub), { token: await backendToken(), body })).toMatchObject(
        problem(400, 'invalid-code'),
      )
    }
    const mine = await service.call(`POST ${PROFILE}/challenge`, { token, body })
    expect(mine.body['attemptsRemaining']).toBe(1)
    await service.call(pathOf(sub), { token: await backendToken(), body })
    expect(await service.call(`POST ${PROFILE}/challenge`, { token, body })).toMatchObject(
      problem(429, 'too-many-attempts'),
    )
    expect(await eventTypes(sub)).toEqual(['mfa.enabled', 'throttle.started'])
  })

  it('accepts one code once among fifty at once, its own and the subject', async () => {
    const { sub, token, secret } = await readyAccount(service)
    const body = { code: codeOf(secret) }
    const backend = await backendToken()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0
          ? service.call(pathOf(sub), { token: backend, body })
          : service.call(`POST ${PROFILE}/challenge`, { token, body }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it.each(['mfa:admin', 'mfa:read', '', 'mfa:challenge2'])('refuses the scope %j', async (scope) => {
    const { sub, secret } = await readyAccount(service)
    const answer = await service.call(pathOf(sub), { token: await backendToken(scope), body: { code: codeOf(secret) } })
    expect(answer).toMatchObject(problem(403, 'insufficient-scope'))
    expect(answer.headers.get('WWW-Authenticate')).toContain('scope="mfa:challenge"')
  })

  it('refuses the own sub of the caller', async () => {
    const call = { token: await backendToken(), body: { code: '123456' } }
    expect(await service.call(pathOf('login-backend'), call)).toMatchObject(problem(403, 'self-administration'))
  })

  it('answers an unknown subject like one without MFA', async () => {
    const call = { token: await backendToken(), body: { code: '123456' } }
    expect(await service.call(pathOf('nobody-at-all'), call)).toMatchObject(problem(409, 'mfa-not-enabled'))
    expect(await service.call(pathOf((await newUser()).sub), call)).toMatchObject(problem(409, 'mfa-not-enabled'))
  })

  it('knows no subject of another issuer', async () => {
    const { sub, secret } = await openAccount(service)
    pass()
    const other = startService({ AUTH_ISSUER: 'https://other.example' })
    const token = await accessToken({ sub: 'login-backend', scope: 'mfa:challenge', iss: 'https://other.example' })
    expect(await other.call(pathOf(sub), { token, body: { code: codeOf(secret) } })).toMatchObject(
      problem(409, 'mfa-not-enabled'),
    )
  })
})

describe('txn of a challenge (RFC 8417 §2.2)', () => {
  it.each(['x', '!', '~', 'x'.repeat(128), 'sha-256:q83v_-='])('is carried by the token: %j', async (txn) => {
    const { token, backupCodes } = await readyAccount(service)
    const { body } = await service.call(`POST ${PROFILE}/challenge`, {
      token,
      body: { backup_code: backupCodes[0], txn },
    })
    expect(decodeJwt(String(body['token']))['txn']).toBe(txn)
  })

  it.each(['', 'x'.repeat(129), 'a b', 'é', '\n', 7, null])('is refused as %j, and uses no code up', async (txn) => {
    const { token, backupCodes } = await readyAccount(service)
    const call = (more: object) =>
      service.call(`POST ${PROFILE}/challenge`, { token, body: { backup_code: backupCodes[0], ...more } })
    const refused = await call({ txn })
    expect(refused).toMatchObject(problem(400, 'invalid-request'))
    expect(Object.keys(refused.body['details'] as object)).toEqual(['txn'])
    const { status, body } = await call({})
    expect(status).toBe(200)
    expect(decodeJwt(String(body['token']))).not.toHaveProperty('txn')
  })
})
