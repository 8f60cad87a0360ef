import { decodeJwt } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { expectProblem } from '../../support/problems.ts'
import { rowsOf } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const VERIFY = `POST ${PROFILE}/verify`
const STEP_MS = 30_000
const service = startService()

/** A subject with a pending secret, and a way to try codes at this very moment of a clock that stands still. */
async function pendingUser() {
  vi.setSystemTime(Date.now())
  const { sub, token } = await newUser()
  const secret = await setUp(service, token)
  const attempt = async (code: unknown) => service.call(VERIFY, { token: await accessToken({ sub }), body: { code } })
  return { sub, token, secret, attempt }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('verify', () => {
  it('turns MFA on with the first right code and gives the ten backup codes', async () => {
    const { token, secret } = await pendingUser()
    const { status, body } = await service.call(VERIFY, { token, body: { code: codeOf(secret), extra: 1 } })
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: 'MFA enabled', backup_codes: expect.any(Array) })
    const codes = body['backup_codes'] as string[]
    expect(codes).toHaveLength(10)
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(await service.call(`GET ${PROFILE}`, { token })).toMatchObject({
      body: { enabled: true, pending: null, backup_codes: { total: 10, remaining: 10 } },
    })
  })

  it('records the transition as one event', async () => {
    const { sub, secret, attempt } = await pendingUser()
    await attempt(codeOf(secret))
    const { event, authenticator } = await rowsOf(sub)
    expect(event).toMatchObject([{ type: 'mfa.enabled', authenticator_id: authenticator[0]?.['id'] }])
  })

  it('counts round trips as the design says', async () => {
    const { token, secret } = await pendingUser()
    const count = (body: object, by = token) => service.countCalls(() => service.call(VERIFY, { token: by, body }))
    const body = { code: codeOf(secret) }
    expect(await count({ code: wrongCode(secret) })).toBe(1)
    expect(await count(body)).toBe(2)
    expect(await count(body)).toBe(2)
    expect(await count({ code: 'abc' })).toBe(0)
    expect(await count(body, 'abc')).toBe(0)
  })

  it.each([
    ['a space', (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ['a hyphen', (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
    ['spaces and hyphens everywhere', (code: string) => ` ${[...code].join(' - ')} `],
  ])('reads over %s in a code', async (_, spelled) => {
    const { secret, attempt } = await pendingUser()
    expect((await attempt(spelled(codeOf(secret)))).status).toBe(200)
  })

  it.each([
    ['the step before', -1, 200],
    ['the step after', 1, 200],
    ['two steps before', -2, 400],
    ['two steps after', 2, 400],
  ])('answers a code of %s with (%i) %i (RFC 6238 §5.2)', async (_, steps, status) => {
    const { secret, attempt } = await pendingUser()
    expect((await attempt(codeOf(secret, Date.now() + steps * STEP_MS))).status).toBe(status)
  })
})

describe('verify at any time', () => {
  it.each(['1970-01-02', '2038-01-19T03:14:08', '2106-02-07T06:28:16', '2999-12-31'])(
    'turns MFA on at %s',
    async (time) => {
      vi.setSystemTime(new Date(`${time}${time.includes('T') ? 'Z' : 'T00:00:00Z'}`))
      const { token } = await newUser()
      const secret = await setUp(service, token)
      expect((await service.call(VERIFY, { token, body: { code: codeOf(secret) } })).status).toBe(200)
      const { body } = await service.call(`GET ${PROFILE}`, { token })
      expect(body).toMatchObject({ enabled: true, enabled_at: new Date().toISOString() })
    },
  )
})

describe('the shape of a code', () => {
  it.each([
    ['a number', 123456],
    ['null', null],
    ['missing', undefined],
    ['a boolean', true],
    ['an array', ['123456']],
    ['an object', { value: '123456' }],
    ['empty', ''],
    ['five digits', '12345'],
    ['seven digits', '1234567'],
    ['letters', 'abcdef'],
    ['hexadecimal', '0x1234'],
    ['with a sign', '+12345'],
    ['with a line break', '123456\n'],
    ['with a tab', '123\t456'],
    ['with a no-break space', '123\u00A0456'],
    ['with an en dash', '123\u2013456'],
    ['Arabic-Indic digits', '\u0661\u0662\u0663\u0664\u0665\u0666'],
    ['fullwidth digits', '\uFF11\uFF12\uFF13\uFF14\uFF15\uFF16'],
    ['mathematical digits', '\u{1D7CE}\u{1D7CF}\u{1D7D0}\u{1D7D1}\u{1D7D2}\u{1D7D3}'],
  ])('refuses one that is %s, names the member and charges nothing', async (_, code) => {
    const { sub, attempt } = await pendingUser()
    const answer = await attempt(code)
    expectProblem(answer, 'invalid-request')
    expect(answer.body['details']).toEqual({ code: expect.stringMatching(/\S/) })
    expect(answer.body['errors']).toEqual([{ pointer: '#/code', detail: expect.stringMatching(/\S/) }])
    expect((await rowsOf(sub)).authenticator).toMatchObject([{ attempts: '[]' }])
  })
})

describe('wrong codes at verify', () => {
  it('tell how many are left, then drop the pending secret with the tenth', async () => {
    const { sub, secret, attempt } = await pendingUser()
    const remaining = []
    for (let n = 0; n < 10; n += 1) {
      const answer = await attempt(wrongCode(secret))
      expectProblem(answer, 'invalid-code')
      remaining.push(answer.body['attemptsRemaining'])
    }
    expect(remaining).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    expectProblem(await attempt(codeOf(secret)), 'no-pending-enrollment')
    const { body } = await service.call(`GET ${PROFILE}`, { token: await accessToken({ sub }) })
    expect(body).toMatchObject({ enabled: false, pending: null })
    const fresh = await setUp(service, await accessToken({ sub }))
    expect((await attempt(codeOf(fresh))).status).toBe(200)
  })

  it('leave no event', async () => {
    const { sub, secret, attempt } = await pendingUser()
    await attempt(wrongCode(secret))
    expect((await rowsOf(sub)).event).toEqual([])
  })

  it('share one status, type, title and detail, whether wrong, expired or ahead', async () => {
    const { secret, attempt } = await pendingUser()
    const answers = [
      await attempt(wrongCode(secret)),
      await attempt(codeOf(secret, Date.now() - 5 * STEP_MS)),
      await attempt(codeOf(secret, Date.now() + 5 * STEP_MS)),
      await attempt(codeOf(secret, Date.now() + 50 * STEP_MS)),
    ]
    const shown = answers.map(({ body: { type, title, status, detail, error, details } }) =>
      JSON.stringify({ type, title, status, detail, error, details }),
    )
    expect(new Set(shown).size).toBe(1)
  })

  it('say that there is no pending secret where there never was one', async () => {
    const { token } = await newUser()
    expectProblem(await service.call(VERIFY, { token, body: { code: '123456' } }), 'no-pending-enrollment')
  })

  it('expire with the pending secret after ten minutes', async () => {
    const { secret, attempt } = await pendingUser()
    vi.setSystemTime(Date.now() + 600_000)
    expectProblem(await attempt(codeOf(secret)), 'no-pending-enrollment')
  })

  it('still find the pending secret just before that', async () => {
    const { secret, attempt } = await pendingUser()
    vi.setSystemTime(Date.now() + 599_999)
    expect((await attempt(codeOf(secret))).status).toBe(200)
  })
})

describe('the hint at a wrong clock', () => {
  it.each([
    [2, 60],
    [-2, -60],
    [10, 300],
    [20, 600],
    [-20, -600],
    [21, undefined],
    [-21, undefined],
  ])('answers a code %i steps off with %s seconds', async (steps, clockSkewSeconds) => {
    const { secret, attempt } = await pendingUser()
    const { body } = await attempt(codeOf(secret, Date.now() + steps * STEP_MS))
    expect(body['attemptsRemaining']).toBe(9)
    expect(body['clockSkewSeconds']).toBe(clockSkewSeconds)
  })

  it('comes with no wrong code', async () => {
    const { secret, attempt } = await pendingUser()
    expect((await attempt(wrongCode(secret))).body).not.toHaveProperty('clockSkewSeconds')
  })

  it.each([-1, 0, 1])(
    'costs its step: not accepted later (with the clock %i steps beside it), the next one is',
    async (drift) => {
      const { secret, attempt } = await pendingUser()
      const hinted = Date.now() + 10 * STEP_MS
      expect((await attempt(codeOf(secret, hinted))).body['clockSkewSeconds']).toBe(300)
      vi.setSystemTime(hinted + drift * STEP_MS)
      const refused = await attempt(codeOf(secret, hinted))
      expectProblem(refused, 'invalid-code')
      expect(refused.body).toMatchObject({ attemptsRemaining: 8 })
      expect(refused.body).not.toHaveProperty('clockSkewSeconds')
      vi.setSystemTime(hinted + STEP_MS)
      expect((await attempt(codeOf(secret))).status).toBe(200)
    },
  )
})

describe('step_up at verify', () => {
  it('returns a step-up token beside the backup codes, in as many round trips', async () => {
    const { sub, token } = await newUser()
    const secret = await setUp(service, token)
    const call = { token, body: { code: codeOf(secret), step_up: true } }
    let answer = await service.call('GET /health')
    expect(
      await service.countCalls(async () => {
        answer = await service.call(VERIFY, call)
      }),
    ).toBe(2)
    const stepUp = answer.body['step_up'] as Record<string, unknown>
    expect(Object.keys(stepUp)).toEqual(['token', 'token_type', 'expires_in', 'acr', 'amr'])
    expect(stepUp).toMatchObject({ acr: 'urn:edge-mfa:acr:mfa', amr: ['otp', 'mfa'], expires_in: 300 })
    expect(decodeJwt(String(stepUp['token']))).toMatchObject({ sub, amr: ['otp', 'mfa'] })
    const repeat = await service.call(VERIFY, call)
    expect(repeat.body).toEqual({ ...answer.body, step_up: undefined })
  })

  it.each([false, undefined])('returns none for %j', async (step_up) => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    const { body } = await service.call(VERIFY, { token, body: { code: codeOf(secret), step_up } })
    expect(Object.keys(body)).toEqual(['success', 'message', 'backup_codes'])
  })

  it.each(['true', 1, null, {}])('is refused as %j, and charges nothing', async (step_up) => {
    const { sub, token } = await newUser()
    const secret = await setUp(service, token)
    const before = await rowsOf(sub)
    const answer = await service.call(VERIFY, { token, body: { code: codeOf(secret), step_up } })
    expect(answer).toMatchObject({ status: 400, body: { details: { step_up: 'must be true or false' } } })
    expect(await rowsOf(sub)).toEqual(before)
  })
})
