import { describe, expect, it } from 'vitest'
import {
  addPhone,
  adminToken,
  eventTypes,
  holdClock,
  pass,
  problem,
  readyAccount,
  setThrottle,
} from '../../support/account.ts'
import { enroll, setUp } from '../../support/life.ts'
import { codeOf } from '../../support/phone.ts'
import { rowsOf, setSubject } from '../../support/rows.ts'
import { captureLog, newUser, PROFILE, startService } from '../../support/service.ts'
import { openStore } from '../../support/statements.ts'
import { accessToken } from '../../support/tokens.ts'

const ISSUER = 'https://issuer.example'
const DAY_MS = 86_400_000
/** No UUID or hash has these letters. */
const REASON = { reason: 'Ticket XYZ' }
const CHALLENGE = `POST ${PROFILE}/challenge`
const service = startService()
holdClock()

const userPath = (sub: string) => `/api/admin/users/${encodeURIComponent(sub)}/mfa`
const look = async (sub: string, token: string) => service.call(`GET ${userPath(sub)}`, { token })
const act = async (what: 'reset' | 'unlock', sub: string, call: { token: string; body?: unknown }) =>
  service.call(`POST ${userPath(sub)}/${what}`, { body: REASON, ...call })

describe('the scopes of administration', () => {
  it.each([
    ['mfa:read', [200, 403, 403]],
    ['mfa:admin', [200, 200, 200]],
    ['openid mfa:read profile', [200, 403, 403]],
    ['mfa:administrator mfa mfa:*', [403, 403, 403]],
    ['MFA:ADMIN', [403, 403, 403]],
    ['', [403, 403, 403]],
    [undefined, [403, 403, 403]],
  ])('let %j through as %j', async (scope, statuses) => {
    const { sub } = await readyAccount(service)
    const token = await accessToken({ sub: `admin-${crypto.randomUUID()}`, scope })
    const answers = [await look(sub, token), await act('unlock', sub, { token }), await act('reset', sub, { token })]
    expect(answers.map(({ status }) => status)).toEqual(statuses)
  })

  it('are named in the refusal (RFC 6750 §3.1)', async () => {
    const { sub, token } = await newUser({ scope: 'mfa:read' })
    const refused = await act('reset', 'someone', { token })
    expect(refused).toMatchObject(problem(403, 'insufficient-scope'))
    expect(refused.headers.get('WWW-Authenticate')).toMatch(
      /^Bearer realm="mfa", error="insufficient_scope", error_description="[^"]+", scope="mfa:admin"$/,
    )
    const plain = await look('someone', await accessToken({ sub }))
    expect(plain.headers.get('WWW-Authenticate')).toContain('scope="mfa:read"')
  })

  it('come before the body, and cost no round trip', async () => {
    const { token } = await newUser()
    const call = () =>
      service.call(`POST ${userPath('someone')}/reset`, { token, body: '{', headers: { 'Content-Type': 'text/plain' } })
    expect(await call()).toMatchObject(problem(403, 'insufficient-scope'))
    expect(await service.countCalls(call)).toBe(0)
  })
})

describe('an administrator', () => {
  it('does not administer itself, however its name is spelled in the path', async () => {
    const { sub, token } = await newUser({ scope: 'mfa:admin' })
    const { backupCodes } = await enroll(service, token)
    const spellings = [sub, `%75${sub.slice(1)}`, sub.replace('-', '%2D'), sub.replace('-', '%2d')]
    for (const spelling of spellings) {
      for (const operation of ['GET', 'POST reset', 'POST unlock']) {
        const [method, path] = operation.split(' ')
        const body = method === 'POST' ? REASON : undefined
        const answer = await service.call(`${method} /api/admin/users/${spelling}/mfa${path ? `/${path}` : ''}`, {
          token,
          body,
        })
        expect(answer).toMatchObject(problem(403, 'self-administration'))
      }
    }
    expect((await service.call(CHALLENGE, { token, body: { backup_code: backupCodes[0] } })).status).toBe(200)
  })

  it.each([undefined, '', 7, null, 'a\nb', 'a\u0000', 'a\ud800', 'x'.repeat(501)])(
    'says why: the reason %j is refused',
    async (reason) => {
      const { sub } = await readyAccount(service)
      const token = await adminToken()
      for (const what of ['reset', 'unlock'] as const) {
        const answer = await act(what, sub, { token, body: { reason } })
        expect(answer).toMatchObject(problem(400, 'invalid-request'))
        expect(answer.body['details']).toHaveProperty('reason')
      }
      expect((await rowsOf(sub)).subject[0]).toMatchObject({ unlocked_at: null, enabled_at: expect.any(Number) })
    },
  )

  it('is kept with the reason in the record, and out of the log', async () => {
    const lines = captureLog()
    const { sub } = await readyAccount(service)
    const who = `admin-${crypto.randomUUID()}`
    await act('reset', sub, { token: await accessToken({ sub: who, scope: 'mfa:admin' }) })
    expect((await rowsOf(sub)).event.at(-1)).toMatchObject({
      type: 'admin.reset',
      administrator: JSON.stringify(['https://issuer.example', who]),
      reason: REASON.reason,
    })
    expect(lines.at(-1)).toMatchObject({ operation: 'POST /api/admin/users/:sub/mfa/reset', status: 200 })
    expect(JSON.stringify(lines)).not.toContain(who)
    expect(JSON.stringify(lines)).not.toContain(sub)
    expect(JSON.stringify(lines)).not.toContain('XYZ')
  })

  it.each(['a/b', 'a b', 'a%2Fb', 'x?y=1#z', 'auth0|123', '...', '"', 'x'.repeat(255), '+', 'a;b=c', '%'])(
    'reaches the subject %j, percent-encoded',
    async (sub) => {
      await setUp(service, await accessToken({ sub }))
      expect((await look(sub, await adminToken())).body).toMatchObject({ pending: { expires_at: expect.any(String) } })
    },
  )

  it.each(['.', '..', '%2E', '%2e%2e', 'é', '%C3%A9', '%00', '%0A', '%7F', '%F0%9F%93%B1', 'x'.repeat(256), ''])(
    'finds nobody at the path segment %j',
    async (segment) => {
      const token = await adminToken()
      for (const operation of ['GET', 'POST reset', 'POST unlock']) {
        const [method, path] = operation.split(' ')
        const body = method === 'POST' ? REASON : undefined
        const answer = await service.call(`${method} /api/admin/users/${segment}/mfa${path ? `/${path}` : ''}`, {
          token,
          body,
        })
        expect(answer).toMatchObject(problem(404, 'not-found'))
      }
    },
  )

  it.each(['%', '%zz', '%FF', '%C3', '%25%'])('gets no 5xx for the broken escape %j', async (segment) => {
    expect(
      (await service.call(`GET /api/admin/users/${segment}/mfa`, { token: await adminToken() })).status,
    ).toBeLessThan(500)
  })
})

describe('reading a status as an administrator', () => {
  it('answers what the subject sees, and the throttle', async () => {
    const { sub, token } = await readyAccount(service)
    const { status, body } = await look(sub, await adminToken('mfa:read'))
    expect(status).toBe(200)
    const { throttle, ...rest } = body
    expect(rest).toEqual((await service.call(`GET ${PROFILE}`, { token })).body)
    expect(throttle).toEqual({ state: 'open', failures: 0, retry_at: null, unlocked_at: null })
  })

  it.each([
    { failures: 3, retryAt: null, state: 'open' },
    { failures: 7, retryAt: 60_000, state: 'waiting' },
    { failures: 7, retryAt: -1, state: 'open' },
    { failures: 100, retryAt: 60_000, state: 'blocked' },
  ])('tells $state at $failures failures', async ({ failures, retryAt, state }) => {
    const { sub } = await readyAccount(service)
    const at = retryAt === null ? null : Date.now() + retryAt
    await setThrottle(sub, { failures, retryAt: at })
    const iso = at === null ? null : new Date(at).toISOString()
    expect((await look(sub, await adminToken())).body['throttle']).toMatchObject({ state, failures, retry_at: iso })
  })

  it('answers MFA off for a subject nobody has seen, in one round trip', async () => {
    const token = await adminToken('mfa:read')
    expect(await look('nobody-at-all', token)).toMatchObject({ status: 200, body: { enabled: false } })
    expect(await service.countCalls(() => look('nobody-at-all', token))).toBe(1)
  })
})

describe('reset', () => {
  it('turns MFA off, revokes everything and clears the throttle', async () => {
    const account = await readyAccount(service)
    const { sub, token, secret, backupCodes } = account
    await addPhone(service, account, { code: codeOf(secret) })
    const pending = await setUp(service, token, { backup_code: backupCodes[0] })
    await setThrottle(sub, { failures: 100, retryAt: null })
    const { subject } = await rowsOf(sub)
    expect(await act('reset', sub, { token: await adminToken() })).toMatchObject({
      status: 200,
      body: { success: true },
    })
    const after = await rowsOf(sub)
    expect([after.authenticator, after.backup_code, after.verify_repeat]).toEqual([[], [], []])
    expect(after.subject[0]).toMatchObject({ enabled_at: null, failures: 0, retry_at: null })
    expect(after.subject[0]?.['generation']).toBe(Number(subject[0]?.['generation']) + 1)
    expect((await eventTypes(sub)).at(-1)).toBe('admin.reset')
    expect(await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(pending) } })).toMatchObject(
      problem(400, 'no-pending-enrollment'),
    )
    await enroll(service, token)
  })

  it('clears a pending secret, also when that is all there is', async () => {
    const { sub, token } = await newUser()
    const secret = await setUp(service, token)
    expect((await act('reset', sub, { token: await adminToken() })).status).toBe(200)
    const code = { token, body: { code: codeOf(secret) } }
    expect(await service.call(`POST ${PROFILE}/verify`, code)).toMatchObject(problem(400, 'no-pending-enrollment'))
    expect(await eventTypes(sub)).toEqual(['admin.reset'])
    expect(await act('reset', sub, { token: await adminToken() })).toMatchObject(problem(409, 'mfa-not-enabled'))
  })

  it('has nothing to do where the pending secret has expired', async () => {
    const { sub, token } = await newUser()
    await setUp(service, token)
    pass(600_000)
    expect(await act('reset', sub, { token: await adminToken() })).toMatchObject(problem(409, 'mfa-not-enabled'))
  })

  it('is done once by fifty at once, in one round trip each', async () => {
    const { sub } = await readyAccount(service)
    const token = await adminToken()
    const answers = await Promise.all(Array.from({ length: 50 }, () => act('reset', sub, { token })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49)
    expect((await eventTypes(sub)).filter((type) => type === 'admin.reset')).toHaveLength(1)
    expect(await service.countCalls(() => act('reset', sub, { token }))).toBe(1)
  })
})

describe('unlock', () => {
  it('clears a wait and the block, and leaves the factors alone', async () => {
    for (const throttle of [
      { failures: 9, retryAt: Date.now() + 3_600_000 },
      { failures: 100, retryAt: null },
    ]) {
      const { sub, token, secret } = await readyAccount(service)
      await setThrottle(sub, throttle)
      const before = await rowsOf(sub)
      expect((await act('unlock', sub, { token: await adminToken() })).status).toBe(200)
      const { subject, event, ...rest } = await rowsOf(sub)
      expect(before).toMatchObject(rest)
      expect(event).toHaveLength(before.event.length + 1)
      expect(subject[0]).toMatchObject({ generation: 1, failures: 0, retry_at: null, unlocked_at: Date.now() })
      expect((await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })).status).toBe(200)
    }
  })

  it('is done once in 24 hours per subject, whoever asks', async () => {
    const { sub } = await readyAccount(service)
    const again = async () => act('unlock', sub, { token: await adminToken() })
    expect((await again()).status).toBe(200)
    expect(await again()).toMatchObject(problem(409, 'unlocked-recently'))
    pass(DAY_MS - 1)
    await setThrottle(sub, { failures: 100, retryAt: null })
    expect(await again()).toMatchObject(problem(409, 'unlocked-recently'))
    expect((await rowsOf(sub)).subject[0]).toMatchObject({ failures: 100 })
    pass(1)
    expect((await again()).status).toBe(200)
    expect((await eventTypes(sub)).filter((type) => type === 'admin.unlocked')).toHaveLength(2)
  })

  it('is done once by fifty at once, in one round trip each', async () => {
    const { sub } = await readyAccount(service)
    const token = await adminToken()
    const answers = await Promise.all(Array.from({ length: 50 }, () => act('unlock', sub, { token })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await service.countCalls(() => act('unlock', sub, { token }))).toBe(1)
  })

  it('is done once by fifty at once whose clocks differ, in every round', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { sub } = await readyAccount(service)
      const done = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const clock = { now: Date.now() + (index % 2 === 0 ? -1 : 1) * index * 100 }
          const by = { administrator: { issuer: ISSUER, sub: 'admin' }, reason: 'asked', eventId: crypto.randomUUID() }
          const context = { requestId: 'r', country: null, service: null }
          return openStore().store.unlock({ issuer: ISSUER, sub }, { ...by, ...clock, context })
        }),
      )
      expect(done.filter((outcome) => outcome.done)).toHaveLength(1)
    }
  })

  it.each([
    [-DAY_MS, 200],
    [1 - DAY_MS, 409],
    [DAY_MS - 1, 409],
    [DAY_MS, 200],
  ])('takes an unlocking %i ms from now as answered with %i', async (offset, status) => {
    const { sub } = await readyAccount(service)
    await setSubject(sub, `unlocked_at = ${Date.now() + offset}`)
    expect((await act('unlock', sub, { token: await adminToken() })).status).toBe(status)
  })
})
