import { base32nopad } from '@scure/base'
import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { sealSecret } from '../../src/core/authenticator.ts'
import type { ProvenOperation } from '../../src/core/operations.ts'
import {
  type ConsumedProof,
  decideProof,
  invalidCode,
  type ProofSnapshot,
  proofChange,
  type StoredAuthenticator,
} from '../../src/core/proof.ts'
import { stepAt, TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { ALICE, ascii, BOB, RANDOM, ringOf } from '../support/core.ts'
import { codeOf, wrongCode } from '../support/phone.ts'

const NOW = Date.UTC(2026, 0, 1, 12, 0, 10)
const PRESENT = stepAt(NOW, 30)
const CHALLENGE: ProvenOperation = { kind: 'challenge' }
/** Fixed: a random one has two steps with one code now and then. */
const secret = ascii('12345678901234567890')
const base32 = base32nopad.encode(secret)

async function authenticator(
  id: string,
  options: { lastStep?: number; key?: string } = {},
): Promise<StoredAuthenticator> {
  const identity = { subject: ALICE, authenticatorId: id, parameters: TOTP_PARAMETERS }
  const sealed = await sealSecret(secret, { identity, keyring: ringOf(options.key ?? 'k1'), random: RANDOM })
  return { id, sealed, parameters: TOTP_PARAMETERS, lastStep: options.lastStep ?? 0 }
}

function decide(authenticators: readonly StoredAuthenticator[], code: string, rest: Partial<ProofSnapshot> = {}) {
  const snapshot = { failures: 1, retryAt: null, charged: true, authenticators, ...rest }
  return decideProof(snapshot, { subject: ALICE, operation: CHALLENGE, code, now: NOW, keyring: ringOf('k1') })
}

describe('decideProof', () => {
  it.each([-1, 0, 1])('accepts the code of step T%i and names that step', async (offset) => {
    const decision = await decide([await authenticator('a')], codeOf(base32, NOW + offset * 30_000))
    expect(decision).toEqual({ ok: true, value: { matches: [{ id: 'a', step: PRESENT + offset }], unopened: [] } })
  })

  it.each([-2, 2])('refuses the code of step T%i without a hint', async (offset) => {
    expect(await decide([await authenticator('a')], codeOf(base32, NOW + offset * 30_000))).toEqual({
      ok: false,
      failure: { code: 'invalid-code', reason: 'wrong', attemptsRemaining: 4 },
    })
  })

  it.each([0, 1])('refuses a step at or before the last one: %i ahead (RFC 6238 §5.2)', async (ahead) => {
    const used = await authenticator('a', { lastStep: PRESENT + ahead })
    expect(await decide([used], codeOf(base32, NOW))).toMatchObject({ failure: { reason: 'replayed' } })
  })

  it('says nothing but the reason for the log of a replayed and a wrong code', async () => {
    const replayed = await decide([await authenticator('a', { lastStep: PRESENT })], codeOf(base32, NOW))
    const wrong = await decide([await authenticator('a')], wrongCode(base32, NOW))
    if (replayed.ok || wrong.ok) throw new Error('accepted')
    expect({ ...replayed.failure, reason: '' }).toEqual({ ...wrong.failure, reason: '' })
  })

  it('advances every authenticator whose step matches', async () => {
    const both = [await authenticator('a'), await authenticator('b')]
    const matches = [
      { id: 'a', step: PRESENT },
      { id: 'b', step: PRESENT },
    ]
    expect(await decide(both, codeOf(base32, NOW))).toEqual({ ok: true, value: { matches, unopened: [] } })
  })

  it('takes the code for the latest of the steps that have it, so that it is good for none of the others', async () => {
    const parameters = { ...TOTP_PARAMETERS, digits: 1 }
    const digit = (step: number) =>
      new TOTP({ secret: Secret.fromBase32(base32), digits: 1 }).generate({ timestamp: step * 30_000 })
    const steps = Array.from({ length: 100 }, (_, index) => PRESENT + index)
    const shared = steps.find((step) => digit(step - 1) === digit(step + 1)) ?? Number.NaN
    const identity = { subject: ALICE, authenticatorId: 'a', parameters }
    const sealed = await sealSecret(secret, { identity, keyring: ringOf('k1'), random: RANDOM })
    const authenticators = [{ id: 'a', sealed, parameters, lastStep: 0 }]
    const decision = await decideProof(
      { failures: 1, retryAt: null, charged: true, authenticators },
      { subject: ALICE, operation: CHALLENGE, code: digit(shared + 1), now: shared * 30_000, keyring: ringOf('k1') },
    )
    expect(decision).toMatchObject({ ok: true, value: { matches: [{ id: 'a', step: shared + 1 }] } })
  })

  it('calls a code replayed where one authenticator matches a used step, whatever the others say', async () => {
    const other = { ...TOTP_PARAMETERS, stepSeconds: 60 }
    const identity = { subject: ALICE, authenticatorId: 'b', parameters: other }
    const sealed = await sealSecret(secret, { identity, keyring: ringOf('k1'), random: RANDOM })
    const authenticators = [
      await authenticator('a', { lastStep: PRESENT }),
      { id: 'b', sealed, parameters: other, lastStep: 0 },
    ]
    expect(await decide(authenticators, codeOf(base32, NOW))).toMatchObject({ failure: { reason: 'replayed' } })
  })

  it('leaves out one that cannot be opened, and names it', async () => {
    const both = [await authenticator('gone', { key: 'k0' }), await authenticator('b')]
    const matches = [{ id: 'b', step: PRESENT }]
    expect(await decide(both, codeOf(base32, NOW))).toEqual({ ok: true, value: { matches, unopened: ['gone'] } })
  })

  it('is unavailable when none can be opened', async () => {
    const gone = [await authenticator('gone', { key: 'k0' })]
    expect(await decide(gone, codeOf(base32, NOW))).toMatchObject({ ok: false, failure: { code: 'unavailable' } })
  })

  it('opens no secret of another subject', async () => {
    const snapshot = { failures: 1, retryAt: null, charged: true, authenticators: [await authenticator('a')] }
    const stolen = { subject: BOB, operation: CHALLENGE, code: codeOf(base32, NOW), now: NOW, keyring: ringOf('k1') }
    expect(await decideProof(snapshot, stolen)).toMatchObject({ ok: false, failure: { code: 'unavailable' } })
  })

  it('looks at no code while TOTP waits, the right one included', async () => {
    const rest = { charged: false, failures: 5, retryAt: NOW + 1500 }
    expect(await decide([await authenticator('a')], codeOf(base32, NOW), rest)).toEqual({
      ok: false,
      failure: { code: 'too-many-attempts', retryAfterSeconds: 2 },
    })
  })

  it('looks at no code while TOTP is blocked', async () => {
    const rest = { charged: false, failures: 100 }
    expect(await decide([await authenticator('a')], codeOf(base32, NOW), rest)).toEqual({
      ok: false,
      failure: { code: 'totp-blocked' },
    })
  })

  it('fails closed where an attempt was not charged for no reason', async () => {
    const rest = { charged: false, failures: 0 }
    expect(await decide([await authenticator('a')], codeOf(base32, NOW), rest)).toMatchObject({
      ok: false,
      failure: { code: 'unavailable' },
    })
  })

  it('says that MFA is not on before anything else', async () => {
    const rest = { charged: false, failures: 100 }
    expect(await decide([], '123456', rest)).toEqual({ ok: false, failure: { code: 'mfa-not-enabled' } })
  })
})

describe('proofChange', () => {
  const request = {
    subject: ALICE,
    operation: CHALLENGE,
    context: { requestId: 'r', country: null, service: null },
    now: NOW,
  }
  const changeOf = (consumed: ConsumedProof) =>
    proofChange(request, { consumed, keyring: ringOf('k1', 'k0'), random: RANDOM })
  const id = expect.any(String)

  it('carries the request, the code it consumes and the keys that may be stored', () => {
    const consumed: ConsumedProof = { factor: 'otp', matches: [{ id: 'a', step: PRESENT }] }
    expect(changeOf(consumed)).toMatchObject({ ...request, consumed, keyIds: ['k1', 'k0'] })
  })

  it('names the first authenticator that matched a TOTP code', () => {
    const matches = [
      { id: 'a', step: PRESENT },
      { id: 'b', step: PRESENT },
    ]
    const passed = { id, type: 'challenge.passed', factor: 'otp', authenticatorId: 'a', withFailedAttempts: true }
    expect(changeOf({ factor: 'otp', matches }).events).toEqual([passed])
  })

  it('warns after a backup code, by how many are left while MFA is on', () => {
    const events = changeOf({ factor: 'backup_code', hashes: ['h'] }).events
    expect(events.map(({ type }) => type)).toEqual(['backup_code.redeemed', 'challenge.passed', null])
    expect(events.map(({ authenticatorId }) => authenticatorId)).toEqual([null, null, null])
    expect(events.at(-1)).toEqual({
      id,
      type: null,
      typeByBackupCodesLeft: { 3: 'backup_codes.low', 0: 'backup_codes.exhausted' },
      authenticatorId: null,
      factor: 'backup_code',
      onlyWhileEnabled: true,
    })
  })
})

describe('invalidCode', () => {
  it.each([
    { failures: 1, attemptsRemaining: 4, event: undefined },
    { failures: 4, attemptsRemaining: 1, event: undefined },
    { failures: 5, attemptsRemaining: 0, event: 'throttle.started' },
    { failures: 6, attemptsRemaining: 0, event: undefined },
    { failures: 99, attemptsRemaining: 0, event: undefined },
    { failures: 100, attemptsRemaining: 0, event: 'throttle.blocked' },
  ])('leaves $attemptsRemaining after failure $failures, with the event $event', ({ failures, ...rest }) => {
    expect(invalidCode(failures, 'wrong')).toEqual({ code: 'invalid-code', reason: 'wrong', ...rest })
  })
})
