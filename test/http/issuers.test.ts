import { base64urlnopad } from '@scure/base'
import { decodeJwt, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { holdClock, pass } from '../support/account.ts'
import { enroll, setUp } from '../support/life.ts'
import { codeOf } from '../support/phone.ts'
import { expectProblem } from '../support/problems.ts'
import { captureLog, PROFILE, startService } from '../support/service.ts'
import { validClaims } from '../support/tokens.ts'

const STAFF = 'https://issuer.example'
const PORTAL = 'https://portal.example'
const MOVED = 'https://moved.example'
const SECRETS: Readonly<Record<string, Uint8Array>> = {
  [STAFF]: crypto.getRandomValues(new Uint8Array(32)),
  [PORTAL]: crypto.getRandomValues(new Uint8Array(32)),
  [MOVED]: crypto.getRandomValues(new Uint8Array(32)),
}
const NO_SINGLE_ISSUER = { AUTH_ISSUER: undefined, AUTH_AUDIENCE: undefined, AUTH_HS256_SECRET: undefined }
const APP = 'https://app.example'
const PORTAL_APP = 'https://portal-app.example'
const STATUS = `GET ${PROFILE}`
const SETUP = `POST ${PROFILE}/setup`
const CHALLENGE = `POST ${PROFILE}/challenge`

function entryOf(issuer: string, members: Readonly<Record<string, unknown>> = {}) {
  return { issuer, audience: 'edge-mfa', hs256_secret: base64urlnopad.encode(secretOf(issuer)), ...members }
}

function secretOf(issuer: string): Uint8Array {
  return SECRETS[issuer] ?? new Uint8Array()
}

function startWith(...entries: readonly object[]) {
  return startService({ ...NO_SINGLE_ISSUER, CORS_ORIGINS: APP, AUTH_ISSUERS: JSON.stringify(entries) })
}

/** A token of `iss`, signed with the secret of `signer`. */
function tokenOf(iss: string, claims: Readonly<Record<string, unknown>>, signer = iss): Promise<string> {
  const payload = { ...validClaims(), jti: crypto.randomUUID(), iss, ...claims }
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(secretOf(signer))
}

function newSub(): string {
  return `user-${crypto.randomUUID()}`
}

const service = startWith(
  entryOf(STAFF, { privileged: true }),
  entryOf(PORTAL, {
    mfa_issuer: 'Portal',
    account_claim: 'login',
    step_up_audience: 'https://portal-api.example',
    enroll_max_age_seconds: 60,
    cors_origins: [PORTAL_APP],
  }),
)
const signedIn = () => ({ auth_time: Math.floor(Date.now() / 1000) })

holdClock()

describe('several issuers', () => {
  it('keep their subjects apart: one `sub` of two issuers is two subjects', async () => {
    const sub = newSub()
    await enroll(service, await tokenOf(STAFF, { sub }))
    expect((await service.call(STATUS, { token: await tokenOf(STAFF, { sub }) })).body['enabled']).toBe(true)
    expect((await service.call(STATUS, { token: await tokenOf(PORTAL, { sub }) })).body['enabled']).toBe(false)
  })

  it('are refused each other’s signatures, before the database is asked', async () => {
    const [staff, portal] = [await tokenOf(STAFF, { sub: 'a' }, PORTAL), await tokenOf(PORTAL, { sub: 'a' }, STAFF)]
    const calls = await service.countCalls(async () => {
      expectProblem(await service.call(STATUS, { token: staff }), 'invalid-token')
      expectProblem(await service.call(STATUS, { token: portal }), 'invalid-token')
      expectProblem(await service.call(STATUS, { token: await tokenOf(MOVED, { sub: 'a' }) }), 'invalid-token')
    })
    expect(calls).toBe(0)
  })

  it('name themselves and the account in authenticator apps as their entries say', async () => {
    const claims = { sub: newSub(), login: 'alice', email: 'a@b.example', ...signedIn() }
    const uriFor = async (iss: string) => {
      const { body } = await service.call(SETUP, { token: await tokenOf(iss, claims), body: {} })
      return decodeURIComponent(String(body['otpauth_uri']))
    }
    expect(await uriFor(PORTAL)).toMatch(/^otpauth:\/\/totp\/Portal:alice\?/)
    expect(await uriFor(STAFF)).toMatch(/^otpauth:\/\/totp\/Example & Söhne:a@b.example\?/)
  })

  it('demand a recent sign-in as their entries say', async () => {
    const sub = newSub()
    const answer = await service.call(SETUP, { token: await tokenOf(PORTAL, { sub }), body: {} })
    expectProblem(answer, 'insufficient-user-authentication')
    expect(answer.headers.get('WWW-Authenticate')).toContain('max_age="60"')
    expect((await service.call(SETUP, { token: await tokenOf(STAFF, { sub }), body: {} })).status).toBe(200)
  })

  it('get step-up tokens for their own audiences, which name the issuer of the access token', async () => {
    for (const [iss, aud] of [
      [STAFF, 'https://api.example'],
      [PORTAL, 'https://portal-api.example'],
    ] as const) {
      const sub = newSub()
      const { secret } = await enroll(service, await tokenOf(iss, { sub, ...signedIn() }))
      pass()
      const { body } = await service.call(CHALLENGE, {
        token: await tokenOf(iss, { sub }),
        body: { code: codeOf(secret) },
      })
      expect(decodeJwt(String(body['token']))).toMatchObject({ sub, sub_iss: iss, aud })
    }
  })

  it('are named in the log', async () => {
    const log = captureLog()
    await service.call(STATUS, { token: await tokenOf(PORTAL, { sub: newSub() }) })
    expect(log).toMatchObject([{ issuer: PORTAL, status: 200 }])
  })
})

describe('administrators of several issuers', () => {
  const administer = async (iss: string, operation: string) =>
    service.call(operation, {
      token: await tokenOf(iss, { sub: newSub(), scope: 'mfa:admin mfa:read' }),
      ...(operation.startsWith('POST') && { body: { reason: 'lost phone' } }),
    })

  it('have no scope of this service unless their issuer is privileged, which the log says', async () => {
    const log = captureLog()
    for (const operation of ['GET /api/admin/users/alice/mfa', 'POST /api/admin/users/alice/mfa/reset']) {
      expectProblem(await administer(PORTAL, operation), 'insufficient-scope')
    }
    const line = { problem: 'insufficient-scope', issuer: PORTAL, reason: 'the issuer is not privileged' }
    expect(log).toMatchObject([line, line])
  })

  it('act on subjects of their own issuer alone', async () => {
    const sub = newSub()
    const [staff, portal] = [await tokenOf(STAFF, { sub }), await tokenOf(PORTAL, { sub, ...signedIn() })]
    await enroll(service, staff)
    await enroll(service, portal)
    expect((await administer(STAFF, `POST /api/admin/users/${sub}/mfa/reset`)).status).toBe(200)
    expect((await service.call(STATUS, { token: staff })).body['enabled']).toBe(false)
    expect((await service.call(STATUS, { token: portal })).body['enabled']).toBe(true)
  })
})

describe('the CORS origins of several issuers', () => {
  const allowedOrigin = (answer: { headers: Headers }) => answer.headers.get('Access-Control-Allow-Origin')

  it.each([APP, PORTAL_APP])('are all allowed in preflights, which carry no token: %s', async (Origin) => {
    const headers = { Origin, 'Access-Control-Request-Method': 'POST' }
    expect(allowedOrigin(await service.call(`OPTIONS ${PROFILE}/verify`, { headers }))).toBe(Origin)
  })

  it.each([
    [STAFF, APP, APP],
    [STAFF, PORTAL_APP, null],
    [PORTAL, APP, null],
    [PORTAL, PORTAL_APP, PORTAL_APP],
  ])('apart let pages read answers to tokens of their own: %s from %s', async (iss, Origin, allowed) => {
    const token = await tokenOf(iss, { sub: newSub() })
    expect(allowedOrigin(await service.call(STATUS, { token, headers: { Origin } }))).toBe(allowed)
    expect(allowedOrigin(await service.call(CHALLENGE, { token, headers: { Origin }, body: [] }))).toBe(allowed)
  })
})

describe('an issuer that moves', () => {
  const single = startService({ AUTH_HS256_SECRET: base64urlnopad.encode(secretOf(STAFF)) })

  it('keeps its users under subject_issuer, and step-up tokens name the new one', async () => {
    const sub = newSub()
    const { secret } = await enroll(single, await tokenOf(STAFF, { sub }))
    const moved = startWith(entryOf(MOVED, { subject_issuer: STAFF }))
    pass()
    const token = await tokenOf(MOVED, { sub })
    const { status, body } = await moved.call(CHALLENGE, { token, body: { code: codeOf(secret) } })
    expect(status).toBe(200)
    expect(decodeJwt(String(body['token']))).toMatchObject({ sub, sub_iss: MOVED })
    expectProblem(await moved.call(STATUS, { token: await tokenOf(STAFF, { sub }) }), 'invalid-token')
  })

  it('serves the old and the new one side by side, where a code works once for both', async () => {
    const both = startWith(entryOf(STAFF, { subject_issuer: STAFF }), entryOf(MOVED, { subject_issuer: STAFF }))
    const sub = newSub()
    const [old, fresh] = [await tokenOf(STAFF, { sub }), await tokenOf(MOVED, { sub })]
    const secret = await setUp(both, old)
    const verified = await both.call(`POST ${PROFILE}/verify`, { token: fresh, body: { code: codeOf(secret) } })
    expect(verified.status).toBe(200)
    pass()
    const code = codeOf(secret)
    expect((await both.call(CHALLENGE, { token: old, body: { code } })).status).toBe(200)
    expectProblem(await both.call(CHALLENGE, { token: fresh, body: { code } }), 'invalid-code')
  })

  it('may turn from one issuer in the settings into a list without a change for its users', async () => {
    const sub = newSub()
    await enroll(single, await tokenOf(STAFF, { sub }))
    const listed = startWith(entryOf(STAFF), entryOf(PORTAL))
    expect((await listed.call(STATUS, { token: await tokenOf(STAFF, { sub }) })).body['enabled']).toBe(true)
  })
})

describe('a list of fifty issuers', () => {
  it('serves the last one with the round trips of the first', async () => {
    const others = Array.from({ length: 49 }, (_, at) => ({ ...entryOf(PORTAL), issuer: `https://i-${at}.example` }))
    const many = startWith(...others, entryOf(STAFF))
    const token = await tokenOf(STAFF, { sub: newSub() })
    expect(await many.countCalls(() => many.call(STATUS, { token }))).toBe(1)
  })
})

describe('a malformed list of issuers', () => {
  it('answers 500 on every route, and the log names the entries without a value', async () => {
    const log = captureLog()
    const broken = startWith(entryOf(STAFF), { ...entryOf(PORTAL), hs256_secret: 'planted' })
    expectProblem(await broken.call('GET /health'), 'internal')
    const message = expect.stringContaining('[1].hs256_secret must be 32 bytes')
    expect(log).toMatchObject([{ faults: [{ name: 'AUTH_ISSUERS', message }] }])
    expect(JSON.stringify(log)).not.toContain('planted')
  })
})
