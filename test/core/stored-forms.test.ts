import { describe, expect, it } from 'vitest'
import { openSecret } from '../../src/core/authenticator.ts'
import { hashBackupCodes } from '../../src/core/backup-codes.ts'
import { enrollmentAttempt } from '../../src/core/enrollment.ts'
import { openRepeat, repeatMarks } from '../../src/core/repeat.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { ALICE, RANDOM, ringOf } from '../support/core.ts'

/*
 * What databases hold already. Whoever changes one of these forms locks every owner of such a row out, so they stand
 * here as they were written once.
 */

const keyring = ringOf('k1')
const identity = { subject: ALICE, code: '123456', tokenHash: new Uint8Array(32).fill(9) }

describe('what is stored', () => {
  it('opens as a secret', async () => {
    const sealed = 'v1.k1.BwcHBwcHBwcHBwcH.JX5QI5dQ_ERvzvCjjwgD38YZmjDHw80cTns6DSi3wkQDzqlo'
    const place = { subject: ALICE, authenticatorId: 'a1', parameters: TOTP_PARAMETERS }
    const secret = await openSecret(sealed, { identity: place, keyring })
    expect(secret && new TextDecoder().decode(secret)).toBe('12345678901234567890')
  })

  it('opens as a kept answer', async () => {
    const sealed = 'v1.k1.BwcHBwcHBwcHBwcH.qcDl2SFW_ZRWQ14dZVhJfDi90LHVw98ROg'
    expect(await openRepeat(sealed, { identity, keyring })).toEqual(['a', 'b'])
  })

  it('is found by the hash of a backup code', async () => {
    const codes = ['0000-0000-0000-0000-0000-0000']
    const hash = 'oQPIbwFccBJv2AlE7Z-Pzc3U1C64_pC4RH9guIvxANE'
    expect(await hashBackupCodes(codes, { subject: ALICE, keyring })).toEqual([{ hash, keyId: 'k1' }])
  })

  it('is found by the hash of a tried code', async () => {
    const { codeHash } = await enrollmentAttempt({ ...identity, now: 0, keyring, random: RANDOM })
    expect(codeHash).toBe('fa127a1fc7ca4df2a2ba07d5372c5c18c7793bb1a182be50f0f5d4eb30b3beab')
  })

  it('is found by the mark of a repeat', async () => {
    const mark = '81f78a0d965c17a16f7e6de19451e50e1d90b3320970685b6a5503d76e8cb209'
    expect(await repeatMarks(identity, keyring)).toEqual([mark])
  })
})
