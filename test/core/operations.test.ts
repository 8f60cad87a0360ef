import { describe, expect, it } from 'vitest'
import { eventsOf, type ProvenOperation } from '../../src/core/operations.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { RANDOM } from '../support/core.ts'

describe('eventsOf', () => {
  it.each<{ operation: ProvenOperation; type: string }>([
    { operation: { kind: 'challenge' }, type: 'challenge.passed' },
    { operation: { kind: 'regenerate', backupCodes: [] }, type: 'backup_codes.regenerated' },
    { operation: { kind: 'disable' }, type: 'mfa.disabled' },
    { operation: { kind: 'remove-authenticator', authenticatorId: 'a1' }, type: 'authenticator.removed' },
  ])('records $operation.kind as $type, after the backup code it used', ({ operation, type }) => {
    const by = (factor: 'otp' | 'backup_code') =>
      eventsOf(operation, { factor, authenticatorId: null, random: RANDOM }).map((event) => event.type)
    expect(by('otp')).toEqual([type])
    expect(by('backup_code')).toEqual(['backup_code.redeemed', type])
  })

  it('records nothing of an authenticator that is still pending, but the backup code it used', () => {
    const authenticator = {
      id: 'new',
      name: 'Phone',
      sealed: '',
      keyId: 'k1',
      parameters: TOTP_PARAMETERS,
      createdAt: 0,
      expiresAt: 0,
    }
    const by = (factor: 'otp' | 'backup_code') =>
      eventsOf({ kind: 'add-authenticator', authenticator }, { factor, authenticatorId: null, random: RANDOM })
    expect(by('otp')).toEqual([])
    expect(by('backup_code').map(({ type }) => type)).toEqual(['backup_code.redeemed'])
  })

  it('names the authenticator that proved', () => {
    const events = eventsOf({ kind: 'challenge' }, { factor: 'otp', authenticatorId: 'proving', random: RANDOM })
    expect(events).toMatchObject([{ authenticatorId: 'proving' }])
  })

  it('names the authenticator that was removed, not the one that proved', () => {
    const operation: ProvenOperation = { kind: 'remove-authenticator', authenticatorId: 'removed' }
    const events = eventsOf(operation, { factor: 'otp', authenticatorId: 'proving', random: RANDOM })
    expect(events).toMatchObject([{ authenticatorId: 'removed', factor: 'otp' }])
  })

  it('gives each event an id of its own', () => {
    const events = eventsOf({ kind: 'disable' }, { factor: 'backup_code', authenticatorId: null, random: RANDOM })
    expect(new Set(events.map(({ id }) => id)).size).toBe(2)
  })
})
