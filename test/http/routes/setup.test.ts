import { encode } from 'uqr'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { enroll, setUp } from '../../support/life.ts'
import { codeOf } from '../../support/phone.ts'
import { expectProblem } from '../../support/problems.ts'
import { modulesOf, svgOf } from '../../support/qr.ts'
import { rowsOf } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

const SETUP = `POST ${PROFILE}/setup`
const CANCEL = `DELETE ${PROFILE}/setup`
const VERIFY = `POST ${PROFILE}/verify`
const STATUS = `GET ${PROFILE}`
const service = startService()

afterEach(() => {
  vi.useRealTimers()
})

describe('setup', () => {
  it('answers a secret of 160 bits in base32, its URI and QR code, and when it expires (RFC 4226 §4 R6)', async () => {
    const { token } = await newUser()
    vi.setSystemTime(Date.now())
    const { status, body } = await service.call(SETUP, { token, body: { name: 'Phone', other: [] } })
    expect(status).toBe(200)
    expect(body).toEqual({
      success: true,
      message: expect.stringMatching(/\S/),
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      otpauth_uri: expect.stringMatching(/^otpauth:\/\/totp\//),
      qr_code: expect.stringMatching(/^data:image\/svg\+xml;base64,/),
      expires_at: new Date(Date.now() + 600_000).toISOString(),
    })
  })

  it('takes a request without a body', async () => {
    const { token } = await newUser()
    expect((await service.call(SETUP, { token })).status).toBe(200)
    expect((await service.call(SETUP, { token, body: '' })).status).toBe(200)
  })

  it('costs one round trip', async () => {
    const { token } = await newUser()
    expect(await service.countCalls(() => service.call(SETUP, { token, body: {} }))).toBe(1)
  })

  it('replaces an earlier pending secret, whose codes then count no more', async () => {
    const { sub, token } = await newUser()
    const first = await setUp(service, token)
    const second = await setUp(service, token)
    expect(second).not.toBe(first)
    expect((await rowsOf(sub)).authenticator).toHaveLength(1)
    expectProblem(await service.call(VERIFY, { token, body: { code: codeOf(first) } }), 'invalid-code')
    expect((await service.call(VERIFY, { token, body: { code: codeOf(second) } })).status).toBe(200)
  })

  it('demands a proof while MFA is on, and leaves everything as it was', async () => {
    const { sub, token } = await newUser()
    await enroll(service, token)
    const before = await rowsOf(sub)
    expectProblem(await service.call(SETUP, { token, body: { name: 'Intruder' } }), 'proof-required')
    const { subject: _, ...after } = await rowsOf(sub)
    expect(before).toMatchObject(after)
  })

  it('stores what the name says, and no name as "Authenticator"', async () => {
    const { token } = await newUser()
    const secret = await setUp(service, token, { name: 'Büro 📱' })
    await service.call(VERIFY, { token, body: { code: codeOf(secret) } })
    const { body } = await service.call(STATUS, { token })
    expect(body['authenticators']).toMatchObject([{ name: 'Büro 📱' }])
  })

  it.each([
    ['one character', 'x'],
    ['64 characters', 'x'.repeat(64)],
    ['64 characters of two code units each', '📱'.repeat(64)],
    ['text that looks like SQL and HTML', `'); DROP TABLE subject; -- <b>`],
  ])('takes a name of %s', async (_, name) => {
    const { token } = await newUser()
    expect((await service.call(SETUP, { token, body: { name } })).status).toBe(200)
  })

  it.each([
    ['no character', ''],
    ['65 characters', 'x'.repeat(65)],
    ['a line break', 'a\nb'],
    ['U+0000', 'a\u0000b'],
    ['a C1 control', 'a\u0085b'],
    ['a right-to-left override', 'a\u202Eb'],
    ['an isolate', 'a\u2066b'],
    ['an Arabic letter mark', 'a\u061Cb'],
    ['a lone surrogate, which has no UTF-8', 'a\uD800b'],
    ['a number', 5],
    ['null', null],
    ['an array', ['a']],
  ])('refuses a name of %s', async (_, name) => {
    const { sub, token } = await newUser()
    const answer = await service.call(SETUP, { token, body: { name } })
    expectProblem(answer, 'invalid-request')
    expect(answer.body['details']).toEqual({ name: expect.stringMatching(/\S/) })
    expect((await rowsOf(sub)).subject).toEqual([])
  })
})

describe('the key URI', () => {
  const uriFor = async (claims: Record<string, unknown>, overrides: Record<string, unknown> = {}) => {
    const { sub, token } = await newUser(claims)
    const { body } = await startService(overrides).call(SETUP, { token, body: {} })
    return { sub, uri: String(body['otpauth_uri']), secret: String(body['secret']) }
  }

  it('names the issuer in the label and as a parameter, percent-encoded, never with "+"', async () => {
    const { uri, secret } = await uriFor({ email: 'alice+tag@example.com' })
    const issuer = 'Example%20%26%20S%C3%B6hne'
    expect(uri).toBe(
      `otpauth://totp/${issuer}:alice%2Btag%40example.com?secret=${secret}&issuer=${issuer}&algorithm=SHA1&digits=6&period=30`,
    )
  })

  it.each([
    ['email before all', { email: 'a@example.com', preferred_username: 'al' }, 'a%40example.com'],
    ['preferred_username next', { preferred_username: 'al' }, 'al'],
    ['preferred_username where email is no text', { email: 7, preferred_username: 'al' }, 'al'],
    ['preferred_username where email is empty', { email: '', preferred_username: 'al' }, 'al'],
    ['a hyphen for each colon', { email: 'urn:x:al' }, 'urn-x-al'],
  ])('calls the account by %s', async (_, claims, account) => {
    expect((await uriFor(claims)).uri).toContain(`:${account}?`)
  })

  it('calls the account by sub when the token names it in no other way', async () => {
    const { sub, uri } = await uriFor({})
    expect(uri).toContain(`:${sub}?`)
  })

  it.each([
    ['in ASCII', 'a'.repeat(4000), /:a{765}\?/],
    ['in two bytes a character', 'ü'.repeat(1500), /:(%C3%BC){127}\?/],
    ['of emoji', '📱'.repeat(1000), /:(%F0%9F%93%B1){63}\?/],
  ])('cuts an account that no QR symbol would hold: %s', async (_, email, cut) => {
    expect((await uriFor({ email }, { MFA_ISSUER: '本'.repeat(64) })).uri).toMatch(cut)
  })

  it('takes the claim that MFA_ACCOUNT_CLAIM names, or sub where the token has it not', async () => {
    const setting = { MFA_ACCOUNT_CLAIM: 'login' }
    expect((await uriFor({ login: 'al', email: 'a@example.com' }, setting)).uri).toContain(':al?')
    const { sub, uri } = await uriFor({ email: 'a@example.com' }, setting)
    expect(uri).toContain(`:${sub}?`)
  })
})

/** The eight of ISO/IEC 18004 §7.8: any of them may be drawn. */
const MASKS = [0, 1, 2, 3, 4, 5, 6, 7]

describe('the QR code', () => {
  it('is the URI in black on white with a quiet zone of four modules (ISO/IEC 18004)', async () => {
    const { token } = await newUser({ email: 'alice@example.com' })
    const { body } = await service.call(SETUP, { token, body: {} })
    const svg = svgOf(String(body['qr_code']))
    const { side, dark } = modulesOf(svg)
    expect(svg).toMatch(/<rect fill="white" width="(\d+)" height="\1"\/>/)
    expect(svg).toContain(`width="${/viewBox="0 0 (\d+)/.exec(svg)?.[1]}"`)
    const edges = dark.flat()
    expect(Math.min(...edges)).toBe(4)
    expect(Math.max(...edges)).toBe(side - 5)
    const symbols = MASKS.map((maskPattern) =>
      encode(String(body['otpauth_uri']), { ecc: 'M', border: 0, maskPattern }),
    )
    expect(side).toBe(Number(symbols[0]?.size) + 8)
    const expected = symbols.map(({ data }) =>
      data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${x},${y}`] : []))).toSorted(),
    )
    expect(expected).toContainEqual(dark.map(([x, y]) => `${x - 4},${y - 4}`).toSorted())
  })

  it('runs no script and loads nothing', async () => {
    const { token } = await newUser({ email: '"><script>alert(1)</script>' })
    const { body } = await service.call(SETUP, { token, body: {} })
    expect(svgOf(String(body['qr_code']))).not.toMatch(/script|href|url\(|alice/i)
  })
})

describe('cancelling a setup', () => {
  it('drops the pending secret and answers 204 without a body', async () => {
    const { sub, token } = await newUser()
    const secret = await setUp(service, token)
    const { status, text, headers } = await service.call(CANCEL, { token })
    expect([status, text]).toEqual([204, ''])
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect((await rowsOf(sub)).authenticator).toEqual([])
    expectProblem(await service.call(VERIFY, { token, body: { code: codeOf(secret) } }), 'no-pending-enrollment')
  })

  it('answers 204 too where nothing is pending', async () => {
    const { token } = await newUser()
    expect((await service.call(CANCEL, { token })).status).toBe(204)
  })

  it('never touches an active authenticator', async () => {
    const { token } = await newUser()
    await enroll(service, token)
    const before = (await service.call(STATUS, { token })).body
    expect((await service.call(CANCEL, { token })).status).toBe(204)
    expect((await service.call(STATUS, { token })).body).toEqual(before)
  })
})

describe('setup under ENROLL_MAX_AGE_SECONDS', () => {
  const strict = startService({ ENROLL_MAX_AGE_SECONDS: '300' })
  const seconds = () => Math.floor(Date.now() / 1000)

  it.each([
    ['auth_time too long ago', () => ({ auth_time: seconds() - 302 })],
    ['no auth_time', () => ({})],
    ['an auth_time that is no number', () => ({ auth_time: String(seconds()) })],
  ])('refuses a token with %s and says how recent it must be (RFC 9470 §3)', async (_, claims) => {
    const { sub, token } = await newUser(claims())
    const answer = await strict.call(SETUP, { token, body: {} })
    expectProblem(answer, 'insufficient-user-authentication')
    expect(answer.headers.get('WWW-Authenticate')).toMatch(
      /^Bearer realm="mfa", error="insufficient_user_authentication", error_description="[^"]+", max_age="300"$/,
    )
    expect((await rowsOf(sub)).authenticator).toEqual([])
  })

  it('takes a token of a recent sign-in', async () => {
    const { token } = await newUser({ auth_time: seconds() - 298 })
    expect((await strict.call(SETUP, { token, body: {} })).status).toBe(200)
  })

  it('asks for the proof, not for a new sign-in, while MFA is on', async () => {
    const { sub, token } = await newUser()
    await enroll(service, token)
    expectProblem(await strict.call(SETUP, { token: await accessToken({ sub }), body: {} }), 'proof-required')
  })
})
