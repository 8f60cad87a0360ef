import { describe, expect, it } from 'vitest'
import { type AuthenticatorIdentity, openSecret, sealSecret } from '../../src/core/authenticator.ts'
import { SECRET_BYTES, TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { ALICE, BOB, RANDOM, ringOf } from '../support/core.ts'

const secret = RANDOM.bytes(SECRET_BYTES)
const identity: AuthenticatorIdentity = { subject: ALICE, authenticatorId: 'a1', parameters: TOTP_PARAMETERS }

describe('openSecret', () => {
  it('opens what sealSecret sealed for the same row', async () => {
    const sealed = await sealSecret(secret, { identity, keyring: ringOf('k1'), random: RANDOM })
    expect(await openSecret(sealed, { identity, keyring: ringOf('k1') })).toEqual(secret)
  })

  it('opens under every key of the ring, and under none that is gone', async () => {
    const sealed = await sealSecret(secret, { identity, keyring: ringOf('old'), random: RANDOM })
    expect(await openSecret(sealed, { identity, keyring: ringOf('new', 'old') })).toEqual(secret)
    expect(await openSecret(sealed, { identity, keyring: ringOf('new') })).toBeUndefined()
  })

  it.each<[string, AuthenticatorIdentity]>([
    ['another subject', { ...identity, subject: BOB }],
    ['another issuer', { ...identity, subject: { ...ALICE, issuer: 'https://other.example' } }],
    ['another authenticator', { ...identity, authenticatorId: 'a2' }],
    ['another algorithm', { ...identity, parameters: { ...TOTP_PARAMETERS, algorithm: 'SHA256' } }],
    ['fewer digits', { ...identity, parameters: { ...TOTP_PARAMETERS, digits: 1 } }],
    ['longer steps', { ...identity, parameters: { ...TOTP_PARAMETERS, stepSeconds: 86_400 } }],
  ])('does not open for %s: a writer of the database cannot move or weaken a secret', async (_, other) => {
    const sealed = await sealSecret(secret, { identity, keyring: ringOf('k1'), random: RANDOM })
    expect(await openSecret(sealed, { identity: other, keyring: ringOf('k1') })).toBeUndefined()
  })
})

describe('sealSecret', () => {
  it('writes the same secret differently each time, and never as itself', async () => {
    const seal = () => sealSecret(secret, { identity, keyring: ringOf('k1'), random: RANDOM })
    expect(await seal()).not.toBe(await seal())
  })
})
