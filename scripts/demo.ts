import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import jwt from 'jsonwebtoken'
import { Secret, TOTP } from 'otpauth'
import { verifyStepUp } from '../docs/examples/verify-step-up.ts'
import { CliError } from '../operator/cli-error.ts'
import { findIssuer, type LocalIssuer, SECOND_ISSUER, withSecondIssuer } from './lib/issuers.ts'
import { run } from './lib/process.ts'
import { type LocalService, startLocalService } from './lib/service.ts'
import { localSettings } from './lib/settings.ts'

/*
 * The life of a second factor against a fresh local service, step by step. The phone, the issuer and the verifier are
 * libraries that this project does not use itself.
 */

const STEP_MS = 30_000
/** What the demonstration takes, and more. */
const ROOM_MS = 10_000

type Settings = LocalService['settings']
type Body = Readonly<Record<string, unknown>>
type Answer = { readonly status: number; readonly body: Body }

await run(async () => {
  const service = await startLocalService(withSecondIssuer(await localSettings()))
  try {
    await waitForRoomInStep()
    await live(service.url, service.settings)
    console.log('\nEvery step held.')
  } finally {
    await service.end()
  }
})

async function live(url: string, settings: Settings): Promise<void> {
  const alice = caller(url, signToken(findIssuer(settings, undefined), { sub: 'alice', email: 'alice@example.com' }))
  const codes = await enroll(alice)
  const phone = codes.secret
  await logIn(url, { settings, alice, ...codes })
  await meetSecondIssuer(url, settings)
  const second = await changePhone(alice, { phone, backupCodes: codes.backupCodes })
  await turnOff(alice, { phone: second, backupCodes: codes.backupCodes })
  await administer(url, { settings, alice })
}

/** Codes are taken from three neighbouring steps, so no step may end while they are used. */
async function waitForRoomInStep(): Promise<void> {
  const left = STEP_MS - (Date.now() % STEP_MS)
  if (left < ROOM_MS) await sleep(left)
}

async function enroll(alice: Caller): Promise<{ secret: string; backupCodes: readonly string[] }> {
  step('status: MFA is off', (await alice('GET', '')).body['enabled'] === false)
  const setup = await alice('POST', '/setup', { name: 'Phone' })
  const secret = String(setup.body['secret'])
  step('setup: a secret, a key URI and a QR code', setup.status === 200 && secret.length === 32)
  const wrong = await alice('POST', '/verify', { code: codeFarFrom(secret) })
  step('verify: a wrong code is refused', wrong.status === 400 && wrong.body['attemptsRemaining'] === 9)
  const verified = await alice('POST', '/verify', { code: codeOf(secret, -1) })
  const backupCodes = verified.body['backup_codes'] as readonly string[]
  step('verify: the right code turns MFA on and brings ten backup codes', backupCodes.length === 10)
  const again = await alice('POST', '/verify', { code: codeOf(secret, -1) })
  step('verify: asked again, it gives the same codes', isDeepStrictEqual(again.body, verified.body))
  step('status: MFA is on', (await alice('GET', '')).body['enabled'] === true)
  return { secret, backupCodes }
}

async function logIn(
  url: string,
  options: { settings: Settings; alice: Caller; secret: string; backupCodes: readonly string[] },
): Promise<void> {
  const { settings, alice, secret, backupCodes } = options
  const passed = await alice('POST', '/challenge', { code: codeOf(secret, 0) })
  step('challenge: a code yields a step-up token', passed.status === 200)
  const expected = {
    mfaUrl: url,
    audience: settings['STEP_UP_AUDIENCE'] ?? '',
    sub: 'alice',
    subIssuer: findIssuer(settings, undefined).issuer,
  }
  const claims = await verifyStepUp(String(passed.body['token']), expected)
  step('another JWT library verifies it with the published key', claims.sub === 'alice')
  const replayed = await alice('POST', '/challenge', { code: codeOf(secret, 0) })
  step('challenge: the same code again is refused', replayed.status === 400)
  const redeemed = await alice('POST', '/challenge', { backup_code: backupCodes[0] })
  step('challenge: a backup code works', redeemed.body['backup_codes_remaining'] === 9)
  step('challenge: but once', (await alice('POST', '/challenge', { backup_code: backupCodes[0] })).status === 400)
}

/** Another issuer of the same service: its own users, its own key, no privilege. */
async function meetSecondIssuer(url: string, settings: Settings): Promise<void> {
  const [first, second] = [findIssuer(settings, undefined), findIssuer(settings, SECOND_ISSUER)]
  const alice = caller(url, signToken(second, { sub: 'alice' }))
  step('a second issuer: its alice is another user, without MFA', (await alice('GET', '')).body['enabled'] === false)
  const setup = await alice('POST', '/setup')
  step('its name in the authenticator app', String(setup.body['otpauth_uri']).includes('second%20issuer'))
  const forged = caller(url, signToken({ ...second, hs256_secret: first.hs256_secret }, { sub: 'alice' }))
  step('the key of the first issuer signs no token for it', (await forged('GET', '')).status === 401)
  const admin = signToken(second, { sub: 'admin', scope: 'mfa:admin' })
  const read = await caller(url, admin, '/api/admin/users/alice/mfa')('GET', '')
  step('its scope mfa:admin does not count', read.status === 403)
}

async function changePhone(alice: Caller, options: { phone: string; backupCodes: readonly string[] }): Promise<string> {
  const { phone, backupCodes } = options
  const [old] = (await alice('GET', '')).body['authenticators'] as readonly { id: string }[]
  step('setup: refused without a proof now', (await alice('POST', '/setup')).status === 403)
  const setup = await alice('POST', '/setup', { name: 'New phone', code: codeOf(phone, 1) })
  step('setup: a further authenticator, with a code as proof', setup.status === 200)
  const secret = String(setup.body['secret'])
  const added = await alice('POST', '/verify', { code: codeOf(secret, 0) })
  step('verify: it is added', added.body['message'] === 'Authenticator added')
  const removed = await alice('POST', `/authenticators/${old?.id}/remove`, { backup_code: backupCodes[1] })
  step('remove: the old phone is gone', removed.status === 200)
  return secret
}

async function turnOff(alice: Caller, options: { phone: string; backupCodes: readonly string[] }): Promise<void> {
  const regenerated = await alice('POST', '/backup-codes', { code: codeOf(options.phone, 1) })
  const [fresh] = regenerated.body['backup_codes'] as readonly string[]
  step('backup-codes: a new set', regenerated.status === 200)
  const void_ = await alice('POST', '/disable', { backup_code: options.backupCodes[2] })
  step('disable: a code of the old set is void', void_.status === 400)
  step('disable: a new one turns MFA off', (await alice('POST', '/disable', { backup_code: fresh })).status === 200)
  step('status: MFA is off', (await alice('GET', '')).body['enabled'] === false)
}

async function administer(url: string, options: { settings: Settings; alice: Caller }): Promise<void> {
  const { settings, alice } = options
  const token = signToken(findIssuer(settings, undefined), { sub: 'admin', scope: 'mfa:admin' })
  const admin = caller(url, token, '/api/admin/users/alice/mfa')
  const setup = await alice('POST', '/setup')
  await alice('POST', '/verify', { code: codeOf(String(setup.body['secret']), 0) })
  step('enrolled once more', (await admin('GET', '')).body['enabled'] === true)
  const reset = await admin('POST', '/reset', { reason: 'lost phone and codes, identity checked' })
  step('an administrator resets it', reset.status === 200 && (await alice('GET', '')).body['enabled'] === false)
  const { events } = (await alice('GET', '/events')).body as { events: readonly { type: string }[] }
  step(`events: ${events.map(({ type }) => type).join(', ')}`, events[0]?.type === 'admin.reset')
}

function step(name: string, holds: boolean): void {
  console.log(`${holds ? '✓' : '✗'} ${name}`)
  if (!holds) throw new CliError('This step did not hold.')
}

type Caller = (method: string, path: string, body?: Body) => Promise<Answer>

function caller(url: string, token: string, base = '/api/user/profile/mfa'): Caller {
  return async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const response = await fetch(`${url}${base}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Body }
  }
}

function signToken({ issuer, audience, hs256_secret }: LocalIssuer, claims: Body): string {
  const secret = Buffer.from(hs256_secret, 'base64url')
  return jwt.sign({ iss: issuer, aud: audience, ...claims }, secret, { expiresIn: 600 })
}

function codeOf(secret: string, stepsAhead: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsAhead * STEP_MS })
}

/** A code of long ago: right for this phone once, and nowhere near now. */
function codeFarFrom(secret: string): string {
  return codeOf(secret, -1000)
}
