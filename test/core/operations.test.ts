import { describe, expect, it } from 'vitest'
import { eventsOf, type ProvenOperation, preconditionFailure } from '../../src/core/operations.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { RANDOM } from '../support/core.ts'

const NOW = Date.UTC(2026, 0, 1)
const CHALLENGE: ProvenOperation = { kind: 'challenge' }

describe('eventsOf', () => {
  it.each<{ operation: ProvenOperation; type: string }>([
    { operation: { kind: 'challenge' }, type: 'challenge.passed' },
    { operation: { kind: 'regenerate-backup-codes', backupCodes: [] }, type: 'backup_codes.regenerated' },
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
      eventsOf({ kind: 'setup-another', authenticator }, { factor, authenticatorId: null, random: RANDOM })
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

  it('reports the failed attempts in a challenge alone', () => {
    const reported = (operation: ProvenOperation) =>
      eventsOf(operation, { factor: 'backup_code', authenticatorId: null, random: RANDOM }).map(
        ({ withFailedAttempts }) => withFailedAttempts,
      )
    expect(reported(CHALLENGE)).toEqual([undefined, true])
    expect(reported({ kind: 'disable' })).toEqual([undefined, undefined])
  })

  it('gives each event an id of its own', () => {
    const events = eventsOf({ kind: 'disable' }, { factor: 'backup_code', authenticatorId: null, random: RANDOM })
    expect(new Set(events.map(({ id }) => id)).size).toBe(2)
  })
})

describe('preconditionFailure', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `a${index}` }))
  const remove = (authenticatorId: string): ProvenOperation => ({ kind: 'remove-authenticator', authenticatorId })
  const add: ProvenOperation = {
    kind: 'setup-another',
    authenticator: {
      id: 'new',
      name: 'Phone',
      sealed: '',
      keyId: 'k1',
      parameters: TOTP_PARAMETERS,
      createdAt: NOW,
      expiresAt: NOW,
    },
  }

  it.each<{ operation: ProvenOperation; count: number; code: string | undefined }>([
    { operation: CHALLENGE, count: 0, code: 'mfa-not-enabled' },
    { operation: { kind: 'disable' }, count: 0, code: 'mfa-not-enabled' },
    { operation: { kind: 'regenerate-backup-codes', backupCodes: [] }, count: 0, code: 'mfa-not-enabled' },
    { operation: add, count: 0, code: 'mfa-not-enabled' },
    { operation: remove('a0'), count: 0, code: 'mfa-not-enabled' },
    { operation: CHALLENGE, count: 1, code: undefined },
    { operation: { kind: 'disable' }, count: 1, code: undefined },
    { operation: CHALLENGE, count: 5, code: undefined },
    { operation: add, count: 4, code: undefined },
    { operation: add, count: 5, code: 'too-many-authenticators' },
    { operation: remove('a0'), count: 2, code: undefined },
    { operation: remove('a0'), count: 1, code: 'last-authenticator' },
    { operation: remove('other'), count: 1, code: 'not-found' },
    { operation: remove('other'), count: 2, code: 'not-found' },
  ])('answers $code to $operation.kind with $count', ({ operation, count, code }) => {
    expect(preconditionFailure(operation, ids(count))?.code).toBe(code)
  })
})
