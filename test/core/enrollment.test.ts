import { beforeAll, describe, expect, it } from 'vitest'
import { sealSecret } from '../../src/core/authenticator.ts'
import {
  createEnrollment,
  decideVerification,
  type EnrollmentAttempt,
  type EnrollmentSnapshot,
  enrollmentAttempt,
  type VerificationRequest,
} from '../../src/core/enrollment.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { ALICE, BOB, fixedRandom, RANDOM, ringOf } from '../support/core.ts'
import { codeOf, wrongCode } from '../support/phone.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 10)
const STEP_MS = 30_000
const keyring = ringOf('k1')
const tokenHash = RANDOM.bytes(32)
/** With a fixed secret: a random one has two steps with one code now and then. */
let enrollment: Awaited<ReturnType<typeof createEnrollment>>

beforeAll(async () => {
  const names = { name: 'Phone', issuer: 'Example', account: 'alice' }
  enrollment = await createEnrollment(ALICE, { ...names, now: NOW, keyring, random: fixedRandom(7) })
})

function request(code: string, overrides: Partial<VerificationRequest> = {}): VerificationRequest {
  return { subject: ALICE, code, tokenHash, now: NOW, keyring, random: RANDOM, ...overrides }
}

/** What the store finds when `attempts` were charged, the one being judged last. */
function snapshot(attempts: readonly EnrollmentAttempt[], rest: Partial<EnrollmentSnapshot> = {}): EnrollmentSnapshot {
  const { id, sealed, parameters } = enrollment.authenticator
  const pending = { id, sealed, parameters, attempts }
  return { pending, pendingFault: 'none', sealedRepeat: undefined, activeAuthenticators: 0, ...rest }
}

/** Tries codes one after another, each at its moment; answers the judgement of the last one. */
async function tryCodes(...tries: readonly (readonly [code: string, now: number])[]) {
  const requests = tries.map(([code, now]) => request(code, { now }))
  const attempts = await Promise.all(requests.map(enrollmentAttempt))
  const [last] = requests.slice(-1)
  if (!last) throw new Error('nothing was tried')
  return decideVerification(snapshot(attempts), last)
}

describe('createEnrollment', () => {
  it('makes 160 random bits, shown once and stored sealed alone (RFC 4226 §4 R6)', () => {
    expect(enrollment.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(enrollment.otpauthUri).toContain(`secret=${enrollment.secret}&`)
    expect(JSON.stringify(enrollment.authenticator)).not.toContain(enrollment.secret)
    expect(enrollment.authenticator).toMatchObject({ keyId: 'k1', createdAt: NOW, expiresAt: NOW + 600_000 })
  })

  it('makes another secret each time', async () => {
    const names = { name: 'Phone', issuer: 'Example', account: 'alice' }
    const other = await createEnrollment(ALICE, { ...names, now: NOW, keyring, random: RANDOM })
    expect(other.secret).not.toBe(enrollment.secret)
    expect(other.authenticator.id).not.toBe(enrollment.authenticator.id)
    expect(other.authenticator.expiresAt).toBe(NOW + 600_000)
  })
})

describe('enrollmentAttempt', () => {
  it('records the step and a keyed hash, never the code', async () => {
    const attempt = await enrollmentAttempt(request('123456'))
    expect(attempt).toEqual({ step: Math.floor(NOW / STEP_MS), codeHash: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })

  it.each<[string, Partial<VerificationRequest>]>([
    ['code', { code: '123457' }],
    ['subject', { subject: BOB }],
    ['issuer', { subject: { ...ALICE, issuer: 'https://other.example' } }],
    ['key', { keyring: ringOf('k2') }],
  ])('hashes another %s differently', async (_, other) => {
    const attempt = await enrollmentAttempt(request('123456'))
    expect((await enrollmentAttempt(request('123456', other))).codeHash).not.toBe(attempt.codeHash)
  })
})

describe('decideVerification', () => {
  it('activates with the right code, with ten backup codes, their hashes and one event', async () => {
    const decision = await tryCodes([codeOf(enrollment.secret, NOW), NOW])
    expect(decision).toMatchObject({
      ok: true,
      value: {
        kind: 'activate',
        activation: {
          authenticatorId: enrollment.authenticator.id,
          step: Math.floor(NOW / STEP_MS),
          operation: 'enable',
          repeat: { expiresAt: NOW + 120_000 },
          events: [{ type: 'mfa.enabled', factor: 'otp', authenticatorId: enrollment.authenticator.id }],
        },
      },
    })
    if (!decision.ok || decision.value.kind !== 'activate') throw new Error('not activated')
    expect(decision.value.backupCodes).toHaveLength(10)
    expect(decision.value.activation.backupCodes).toHaveLength(10)
    for (const code of decision.value.backupCodes) {
      expect(JSON.stringify(decision.value.activation)).not.toContain(code)
    }
  })

  it.each([-1, 0, 1])('accepts the code of step T%i and counts that step as used', async (offset) => {
    const decision = await tryCodes([codeOf(enrollment.secret, NOW + offset * STEP_MS), NOW])
    expect(decision).toMatchObject({ ok: true, value: { activation: { step: Math.floor(NOW / STEP_MS) + offset } } })
  })

  it('takes the code for the latest of the steps that have it', async () => {
    const parameters = { ...TOTP_PARAMETERS, digits: 1 }
    const secret = new Uint8Array(20).fill(7)
    const digit = (step: number) => codeOf(enrollment.secret, step * STEP_MS).slice(-1)
    const steps = Array.from({ length: 100 }, (_, index) => Math.floor(NOW / STEP_MS) + index)
    const shared = steps.find((step) => digit(step - 1) === digit(step + 1)) ?? Number.NaN
    const identity = { subject: ALICE, authenticatorId: 'a', parameters }
    const sealed = await sealSecret(secret, { identity, keyring, random: RANDOM })
    const attempt = request(digit(shared + 1), { now: shared * STEP_MS })
    const pending = { id: 'a', sealed, parameters, attempts: [await enrollmentAttempt(attempt)] }
    const decision = await decideVerification({ ...snapshot([]), pending }, attempt)
    expect(decision).toMatchObject({ ok: true, value: { activation: { step: shared + 1 } } })
  })

  it('says how many wrong codes are left: 9 after the first, 0 after the tenth', async () => {
    const wrong = wrongCode(enrollment.secret, NOW)
    for (const count of [1, 2, 9, 10]) {
      const tries = Array.from({ length: count }, () => [wrong, NOW] as const)
      expect(await tryCodes(...tries)).toEqual({
        ok: false,
        failure: { code: 'invalid-code', reason: 'wrong', attemptsRemaining: 10 - count },
      })
    }
  })

  it('accepts the right code as the tenth', async () => {
    const wrong = Array.from({ length: 9 }, () => [wrongCode(enrollment.secret, NOW), NOW] as const)
    expect(await tryCodes(...wrong, [codeOf(enrollment.secret, NOW), NOW])).toMatchObject({ ok: true })
  })

  it.each([-20, -19, -3, -2, 2, 3, 19, 20])('hints at a clock that is %i steps off', async (offset) => {
    expect(await tryCodes([codeOf(enrollment.secret, NOW + offset * STEP_MS), NOW])).toEqual({
      ok: false,
      failure: {
        code: 'invalid-code',
        reason: 'out-of-window',
        attemptsRemaining: 9,
        clockSkewSeconds: offset * 30,
      },
    })
  })

  it.each([
    [5, -150],
    [9, 180],
  ])('hints at the nearer of two steps with one code: %i after the one', async (after, clockSkewSeconds) => {
    const [one, code] = [59_593_009, '074384']
    for (const step of [one, one + 15]) expect(codeOf(enrollment.secret, step * STEP_MS)).toBe(code)
    const decision = await tryCodes([code, (one + after) * STEP_MS])
    expect(decision).toMatchObject({ ok: false, failure: { reason: 'out-of-window', clockSkewSeconds } })
  })

  it.each([-21, 21])('hints at nothing %i steps off', async (offset) => {
    const decision = await tryCodes([codeOf(enrollment.secret, NOW + offset * STEP_MS), NOW])
    expect(decision).toMatchObject({ ok: false, failure: { reason: 'wrong' } })
    expect(decision).not.toHaveProperty('failure.clockSkewSeconds')
  })

  it('never accepts a step that it gave a hint about, when that step comes', async () => {
    const early = codeOf(enrollment.secret, NOW + 3 * STEP_MS)
    const later = NOW + 3 * STEP_MS
    expect(await tryCodes([early, NOW], [early, later])).toEqual({
      ok: false,
      failure: { code: 'invalid-code', reason: 'hinted', attemptsRemaining: 8 },
    })
    expect(await tryCodes([early, NOW], [codeOf(enrollment.secret, later + STEP_MS), later])).toMatchObject({
      ok: true,
    })
  })

  it('remembers a hint over a rotation of the keys', async () => {
    const early = codeOf(enrollment.secret, NOW + 3 * STEP_MS)
    const later = request(early, { now: NOW + 3 * STEP_MS, keyring: ringOf('new', 'k1') })
    const attempts = [await enrollmentAttempt(request(early)), await enrollmentAttempt(later)]
    expect(await decideVerification(snapshot(attempts), later)).toMatchObject({ failure: { reason: 'hinted' } })
  })

  it.each([2, 3])('accepts no step that was %i steps away when its code was tried', async (steps) => {
    const code = codeOf(enrollment.secret, NOW + steps * STEP_MS)
    const decision = await tryCodes([code, NOW], [code, NOW + (steps - 1) * STEP_MS])
    expect(decision).toMatchObject({ failure: { reason: 'hinted' } })
  })

  it('judges a right code again whose answer was lost', async () => {
    const code = codeOf(enrollment.secret, NOW)
    expect(await tryCodes([code, NOW], [code, NOW + STEP_MS])).toMatchObject({ ok: true })
  })

  it.each(['none', 'expired', 'exhausted', 'superseded'] as const)('finds no pending secret: %s', async (fault) => {
    const nothing = { ...snapshot([]), pending: undefined, pendingFault: fault }
    expect(await decideVerification(nothing, request('123456'))).toEqual({
      ok: false,
      failure: { code: 'no-pending-enrollment', reason: fault },
    })
  })

  it.each<[string, Partial<VerificationRequest>]>([
    ['its key is gone', { keyring: ringOf('k2') }],
    ['it was sealed for another subject', { subject: BOB }],
  ])('is unavailable, not wrong, when the secret cannot be opened: %s', async (_, other) => {
    const attempt = request(codeOf(enrollment.secret, NOW), other)
    const charged = snapshot([await enrollmentAttempt(attempt)])
    expect(await decideVerification(charged, attempt)).toMatchObject({ ok: false, failure: { code: 'unavailable' } })
  })

  it('gives no codes for a further authenticator', async () => {
    const attempt = request(codeOf(enrollment.secret, NOW))
    const charged = snapshot([await enrollmentAttempt(attempt)], { activeAuthenticators: 1 })
    expect(await decideVerification(charged, attempt)).toMatchObject({
      ok: true,
      value: {
        kind: 'activate',
        backupCodes: [],
        activation: { operation: 'add-authenticator', backupCodes: [], events: [{ type: 'authenticator.added' }] },
      },
    })
  })

  it('answers the repeat to the same token and code alone, before any pending secret', async () => {
    const attempt = request(codeOf(enrollment.secret, NOW))
    const charged = snapshot([await enrollmentAttempt(attempt)])
    const first = await decideVerification(charged, attempt)
    if (!first.ok || first.value.kind !== 'activate') throw new Error('not activated')
    const { backupCodes, activation } = first.value
    const sealedRepeat = activation.repeat.sealed

    const repeated = await decideVerification({ ...charged, sealedRepeat }, attempt)
    expect(repeated).toEqual({ ok: true, value: { kind: 'repeat', backupCodes, sealedRepeat } })

    const afterwards = { ...snapshot([]), pending: undefined, sealedRepeat }
    const other = { ...attempt, tokenHash: RANDOM.bytes(32) }
    expect(await decideVerification(afterwards, other)).toMatchObject({ failure: { code: 'no-pending-enrollment' } })
  })
})
