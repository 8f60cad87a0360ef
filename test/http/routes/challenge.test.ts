import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { enroll } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { newUser, PROFILE, PUBLIC_URL, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const CHALLENGE = `POST ${PROFILE}/challenge`
const STEP_MS = 30_000
const service = startService()

/** Turns MFA on and lets a step pass, so that the next code is a fresh one. */
async function enrolledUser() {
  const user = await newUser()
  const enrolled = await enroll(service, user.token)
  vi.setSystemTime(Date.now() + STEP_MS)
  return { ...user, ...enrolled }
}

/** A challenge with a token of this very moment. */
async function attemptAfresh(sub: string, body: object) {
  return service.call(CHALLENGE, { token: await accessToken({ sub }), body })
}

function failTimes(times: number, user: { token: string; secret: string }) {
  return Array.from({ length: times }).reduce<Promise<unknown>>(
    (before) =>
      before.then(() => service.call(CHALLENGE, { token: user.token, body: { code: wrongCode(user.secret) } })),
    Promise.resolve(),
  )
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('challenge', () => {
  it('answers a right code with a step-up token that the published key verifies', async () => {
    const user = await enrolledUser()
    const { status, body } = await service.call(CHALLENGE, { token: user.token, body: { code: codeOf(user.secret) } })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      token_type: 'Bearer',
      expires_in: 300,
      acr: 'urn:edge-mfa:acr:mfa',
      amr: ['otp', 'mfa'],
      backup_codes_remaining: 10,
    })
    const keys = await service.call('GET /.well-known/jwks.json')
    expect(keys.headers.get('Cache-Control')).toContain('max-age=300')
    const { payload, protectedHeader } = await jwtVerify(
      String(body['token']),
      createLocalJWKSet(keys.body as unknown as JSONWebKeySet),
      { issuer: PUBLIC_URL, audience: 'https://api.example', typ: 'mfa-stepup+jwt', currentDate: new Date() },
    )
    expect(protectedHeader).toEqual({
      alg: 'ES256',
      typ: 'mfa-stepup+jwt',
      kid: (keys.body['keys'] as { kid: string }[])[0]?.kid,
    })
    expect(payload).toMatchObject({ sub: user.sub, sub_iss: 'https://issuer.example', acr: 'urn:edge-mfa:acr:mfa' })
    expect(payload.exp).toBe((payload.iat ?? 0) + 300)
    expect(payload['auth_time']).toBe(payload.iat)
    expect(JSON.stringify(keys.body)).not.toContain('"d"')
  })

  it('does not take its own token as an access token', async () => {
    const user = await enrolledUser()
    const { body } = await service.call(CHALLENGE, { token: user.token, body: { code: codeOf(user.secret) } })
    const answer = await service.call(`GET ${PROFILE}`, { token: String(body['token']) })
    expect(answer).toMatchObject({ status: 401, body: { type: `${PUBLIC_URL}/problems/invalid-token` } })
  })

  it('refuses a code of a step already used, the enrolling one included (RFC 6238 §5.2)', async () => {
    const user = await newUser()
    const { secret } = await enroll(service, user.token)
    const call = () => service.call(CHALLENGE, { token: user.token, body: { code: codeOf(secret) } })
    expect(await call()).toMatchObject({ status: 400, body: { attemptsRemaining: 4 } })
    vi.setSystemTime(Date.now() + STEP_MS)
    expect((await call()).status).toBe(200)
    expect(await call()).toMatchObject({ status: 400, body: { type: `${PUBLIC_URL}/problems/invalid-code` } })
  })

  it('redeems each backup code once, also fifty times at once', async () => {
    const user = await enrolledUser()
    const body = { backup_code: user.backupCodes[3] }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => service.call(CHALLENGE, { token: user.token, body })),
    )
    const passed = answers.filter(({ status }) => status === 200)
    expect(passed).toHaveLength(1)
    expect(passed[0]?.body).toMatchObject({ amr: ['mfa'], backup_codes_remaining: 9 })
    expect(answers.filter(({ status }) => ![200, 400].includes(status))).toEqual([])
  })

  it('takes a backup code however a person spells it', async () => {
    const user = await enrolledUser()
    const spelled = user.backupCodes[0]?.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
    expect((await service.call(CHALLENGE, { token: user.token, body: { backup_code: spelled } })).status).toBe(200)
  })

  it('accepts a right code once among fifty at once', async () => {
    const user = await enrolledUser()
    const body = { code: codeOf(user.secret) }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => service.call(CHALLENGE, { token: user.token, body })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => ![200, 400, 429].includes(status))).toEqual([])
  })

  it('costs the round trips of the design', async () => {
    const user = await enrolledUser()
    const count = (body: object) => service.countCalls(() => service.call(CHALLENGE, { token: user.token, body }))
    expect(await count({ code: wrongCode(user.secret) })).toBe(1)
    expect(await count({ code: codeOf(user.secret) })).toBe(2)
    expect(await count({ backup_code: user.backupCodes[0] })).toBe(1)
    expect(await count({ backup_code: user.backupCodes[0] })).toBe(1)
    expect(await count({ code: 'x' })).toBe(0)
    expect(await count({})).toBe(0)
  })

  it('refuses a body with no code, or with two', async () => {
    const user = await newUser()
    for (const body of [{}, { code: '123456', backup_code: '0'.repeat(24) }, { backup_code: 'UUUU' }]) {
      expect(await service.call(CHALLENGE, { token: user.token, body })).toMatchObject({
        status: 400,
        body: { type: `${PUBLIC_URL}/problems/invalid-request` },
      })
    }
  })

  it('says that MFA is not on, and charges nothing', async () => {
    const { token } = await newUser()
    for (const body of [{ code: '123456' }, { backup_code: '0'.repeat(24) }]) {
      expect(await service.call(CHALLENGE, { token, body })).toMatchObject({
        status: 409,
        body: { title: 'MFA not enabled' },
      })
    }
  })
})

describe('the throttle of challenge', () => {
  it('lets four failures go, then waits 30 s, doubling, while the right code waits too', async () => {
    const user = await enrolledUser()
    const attempt = (code: string) => service.call(CHALLENGE, { token: user.token, body: { code } })
    const remaining = []
    for (let n = 0; n < 5; n += 1) remaining.push((await attempt(wrongCode(user.secret))).body['attemptsRemaining'])
    expect(remaining).toEqual([4, 3, 2, 1, 0])
    const waiting = await attempt(codeOf(user.secret))
    expect(waiting).toMatchObject({ status: 429, body: { retryAfter: 30 } })
    expect(waiting.headers.get('Retry-After')).toBe('30')
    vi.setSystemTime(Date.now() + 30_000)
    expect((await attempt(wrongCode(user.secret))).status).toBe(400)
    expect(await attempt(codeOf(user.secret))).toMatchObject({ status: 429, body: { retryAfter: 60 } })
    vi.setSystemTime(Date.now() + 60_000)
    expect((await attempt(codeOf(user.secret))).status).toBe(200)
    expect((await attempt(wrongCode(user.secret))).body['attemptsRemaining']).toBe(4)
  })

  it('never evaluates more wrong codes at once than the throttle lets through', async () => {
    const user = await enrolledUser()
    const body = { code: wrongCode(user.secret) }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => service.call(CHALLENGE, { token: user.token, body })),
    )
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(45)
  })

  it('lets a backup code through a wait, and clears it', async () => {
    const user = await enrolledUser()
    await failTimes(5, user)
    const backup = await service.call(CHALLENGE, { token: user.token, body: { backup_code: user.backupCodes[0] } })
    expect(backup.status).toBe(200)
    expect((await service.call(CHALLENGE, { token: user.token, body: { code: codeOf(user.secret) } })).status).toBe(200)
  })

  it('takes a stored wait as an hour away at most, whatever the clock did', async () => {
    const user = await enrolledUser()
    for (let n = 0; n < 5; n += 1) await attemptAfresh(user.sub, { code: wrongCode(user.secret) })
    vi.setSystemTime(Date.now() - 86_400_000)
    const early = await attemptAfresh(user.sub, { code: '000000' })
    expect(early).toMatchObject({ status: 429, body: { retryAfter: 3600 } })
    vi.setSystemTime(Date.now() + 3_600_000)
    expect((await attemptAfresh(user.sub, { code: wrongCode(user.secret) })).status).toBe(400)
  })

  it('blocks TOTP with the hundredth failure in a row, and a backup code unblocks it', async () => {
    const user = await enrolledUser()
    for (let n = 0; n < 100; n += 1) {
      expect((await attemptAfresh(user.sub, { code: wrongCode(user.secret) })).status).toBe(400)
      vi.setSystemTime(Date.now() + 3_600_000)
    }
    const blocked = await attemptAfresh(user.sub, { code: codeOf(user.secret) })
    expect(blocked).toMatchObject({ status: 403, body: { type: `${PUBLIC_URL}/problems/totp-blocked` } })
    expect((await attemptAfresh(user.sub, { backup_code: user.backupCodes[0] })).status).toBe(200)
    expect((await attemptAfresh(user.sub, { code: codeOf(user.secret) })).status).toBe(200)
  })
})
