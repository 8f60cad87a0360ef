import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Expected, verifyStepUp } from '../../docs/examples/verify-step-up.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'
import { phoneOf } from '../support/phone.ts'

const PROFILE = '/api/user/profile/mfa'
const START_TIMEOUT_MS = 100_000

let service: LocalService
let url: string
let settings: LocalService['settings']

beforeAll(async () => {
  service = await startLocalService()
  url = service.url
  settings = service.settings
}, START_TIMEOUT_MS)

afterAll(async () => {
  await service.end()
})

/** The issuer's first-factor token, good for Edge MFA alone. */
function firstFactorToken(sub: string): string {
  const secret = Buffer.from(settings['AUTH_HS256_SECRET'] ?? '', 'base64url')
  const claims = { iss: settings['AUTH_ISSUER'], aud: settings['AUTH_AUDIENCE'], sub }
  return jwt.sign(claims, secret, { algorithm: 'HS256', expiresIn: 120 })
}

function expected(sub: string): Expected {
  return { mfaUrl: url, audience: settings['STEP_UP_AUDIENCE'] ?? '', sub, subIssuer: settings['AUTH_ISSUER'] ?? '' }
}

/** Pattern A, the issuer: the application's token for a step-up token, and for nothing else. */
async function issueApplicationToken(sub: string, stepUpToken: string | undefined): Promise<string | undefined> {
  try {
    const claims = await verifyStepUp(stepUpToken ?? '', expected(sub))
    return jwt.sign({ sub, amr: claims['amr'] }, 'the application’s own key', { expiresIn: 60 })
  } catch {
    return undefined
  }
}

/** Pattern B, the resource server: a protected route that wants both tokens. */
async function protectedRoute(sub: string, stepUpToken: string | undefined): Promise<200 | 401> {
  return verifyStepUp(stepUpToken ?? '', expected(sub)).then(
    () => 200,
    () => 401,
  )
}

async function call(method: string, path: string, options: { token: string; body?: object }) {
  const headers = { Authorization: `Bearer ${options.token}`, 'Content-Type': 'application/json' }
  const response = await fetch(`${url}${PROFILE}${path}`, { method, headers, body: JSON.stringify(options.body ?? {}) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Enrolls with the code before the present one, and challenges with the present one. */
async function stepUpToken(sub: string): Promise<string> {
  const token = firstFactorToken(sub)
  const { body } = await call('POST', '/setup', { token })
  const code = phoneOf(String(body['secret']))
  const verified = await call('POST', '/verify', { token, body: { code: code(0) } })
  expect(verified.status).toBe(200)
  const challenged = await call('POST', '/challenge', { token, body: { code: code(1) } })
  expect(challenged.status).toBe(200)
  return String(challenged.body['token'])
}

describe('the enforcement at the issuer and at the resource server', () => {
  it('lets a subject through that proved the second factor', async () => {
    const token = await stepUpToken('carol')
    expect(await issueApplicationToken('carol', token)).toBeTypeOf('string')
    expect(await protectedRoute('carol', token)).toBe(200)
  })

  it('lets nobody through who skipped the challenge', async () => {
    for (const instead of [undefined, '', firstFactorToken('carol')]) {
      expect(await issueApplicationToken('carol', instead)).toBeUndefined()
      expect(await protectedRoute('carol', instead)).toBe(401)
    }
  })

  it('lets nobody through with the step-up token of another subject, or a changed one', async () => {
    const token = await stepUpToken('dave')
    expect(await protectedRoute('carol', token)).toBe(401)
    expect(await protectedRoute('dave', `${token.slice(0, -4)}AAAA`)).toBe(401)
  })

  it('lets nobody through whose MFA is off although the issuer says it is on', async () => {
    const answer = await call('POST', '/challenge', { token: firstFactorToken('erin'), body: { code: '123456' } })
    expect(answer).toMatchObject({ status: 409, body: { title: 'MFA not enabled' } })
    expect(await issueApplicationToken('erin', answer.body['token'] as string | undefined)).toBeUndefined()
  })

  it('lets nobody through while Edge MFA is down', async () => {
    const token = await stepUpToken('frank')
    await service.end()
    expect(await issueApplicationToken('frank', token)).toBeUndefined()
    expect(await protectedRoute('frank', token)).toBe(401)
  })
})
