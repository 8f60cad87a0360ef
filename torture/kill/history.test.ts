import { describe, expect, it } from 'vitest'
import { backup, CODES, lost, MORE_CODES, ok, refused, SECRET, step, store, type Told, tell } from './histories.ts'
import { judge } from './judge.ts'
import type { Stored, SubjectRows } from './rows.ts'

const enrolled: readonly Told[] = [
  tell(1, { operation: 'setup', outcome: ok({ secret: SECRET }) }),
  tell(2, {
    operation: 'verify',
    proof: step(-1),
    outcome: ok({ backup_codes: CODES }),
    types: ['mfa.enabled'],
  }),
]
const redeemed = (at: number, remaining: number, code?: string) =>
  tell(at, {
    operation: 'challenge',
    proof: backup(code),
    outcome: ok({ backup_codes_remaining: remaining }),
    types: ['backup_code.redeemed', 'challenge.passed'],
  })
const regenerated = tell(5, {
  operation: 'regenerate',
  proof: step(0),
  outcome: ok({ backup_codes: MORE_CODES }),
  types: ['backup_codes.regenerated'],
})
const regeneratedByBackup: Told = {
  entry: { ...regenerated.entry, proof: backup() },
  types: ['backup_code.redeemed', ...regenerated.types],
}
const disabled = tell(8, { operation: 'disable', proof: step(1), types: ['mfa.disabled'] })
const guessed = (at: number) =>
  tell(at, { operation: 'challenge', proof: step(undefined), outcome: refused(400, 'invalid-code') })

function faults(told: readonly Told[], stored: Stored = store(told)): readonly string[] {
  return judge(
    told.map(({ entry }) => entry),
    stored,
  )
}

describe('the judge of a history', () => {
  const off = { enabled: false, active: [], backupCodes: { total: 0, used: 0 }, repeats: 0 }
  const sound: readonly (readonly [string, readonly Told[], Partial<SubjectRows>])[] = [
    ['an enrollment', enrolled, {}],
    ['a redeemed code', [...enrolled, redeemed(3, 9)], { backupCodes: { total: 10, used: 1 } }],
    ['a new set', [...enrolled, regenerated], { generation: 2 }],
    ['turning off', [...enrolled, disabled], { ...off, generation: 2 }],
    ['wrong codes that are counted', [...enrolled, guessed(3), guessed(4)], { failures: 2 }],
    ['a reported wrong code', [...enrolled, guessed(3), redeemed(4, 9)], { backupCodes: { total: 10, used: 1 } }],
    ['a kept wrong code', [...enrolled, guessed(3), regeneratedByBackup], { generation: 2, failedAttempts: 1 }],
    [
      'a lost answer of something that was done',
      [...enrolled, { ...redeemed(3, 9), entry: { ...redeemed(3, 9).entry, outcome: lost } }],
      { backupCodes: { total: 10, used: 1 } },
    ],
    [
      'a lost answer of something that was not',
      [...enrolled, tell(3, { operation: 'challenge', proof: backup(), outcome: lost })],
      {},
    ],
    [
      'a code refused because nobody knows whether its secret became active',
      [
        ...enrolled.slice(0, 1),
        tell(2, { operation: 'verify', proof: step(-1), outcome: lost }),
        tell(3, { operation: 'challenge', proof: step(0), outcome: refused(409, 'mfa-not-enabled') }),
        tell(4, { operation: 'challenge', proof: step(0), outcome: refused(400, 'invalid-code') }),
      ],
      { ...off, generation: 0, pending: [{ attempts: 1 }], failures: 1 },
    ],
    ['an outage', [...enrolled, tell(3, { operation: 'status', outcome: refused(503, 'unavailable', '1') })], {}],
    [
      'a code refused because it was used',
      [
        ...enrolled,
        redeemed(3, 9),
        tell(4, { operation: 'challenge', proof: backup(), outcome: refused(400, 'invalid-code') }),
      ],
      { backupCodes: { total: 10, used: 1 } },
    ],
  ]

  it.each(sound)('finds nothing in %s', (_, told, rows) => {
    expect(faults(told, store(told, rows))).toEqual([])
  })

  const used = { backupCodes: { total: 10, used: 1 } }
  const unsound: readonly (readonly [string, RegExp, readonly Told[], Stored])[] = [
    ['a lost acknowledgement', /acknowledged and is lost/, [...enrolled, redeemed(3, 9)], store(enrolled)],
    ['a lost enrollment', /is lost|is gone/, enrolled, { subjects: new Map(), orphans: 0 }],
    [
      'a change that came back after turning off',
      /is on, and was turned off/,
      [...enrolled, disabled],
      store([...enrolled, disabled], { generation: 2 }),
    ],
    [
      'an unused row of a used code',
      /0 of 1 used/,
      [...enrolled, redeemed(3, 9)],
      store([...enrolled, redeemed(3, 9)]),
    ],
    [
      'half a change',
      /half there/,
      [...enrolled, redeemed(3, 9)],
      store([...enrolled, { ...redeemed(3, 9), types: ['backup_code.redeemed'] }], used),
    ],
    [
      'a refused change that was done',
      /was done/,
      [...enrolled, { ...redeemed(3, 9), entry: { ...redeemed(3, 9).entry, outcome: refused(400, 'invalid-code') } }],
      store([...enrolled, redeemed(3, 9)], used),
    ],
    [
      'a backup code accepted twice',
      /accepted twice|used backup code was accepted/,
      [...enrolled, redeemed(3, 9), redeemed(4, 8)],
      store([...enrolled, redeemed(3, 9), redeemed(4, 8)], used),
    ],
    [
      'a step accepted twice',
      /used step was accepted/,
      [...enrolled, regenerated, { ...disabled, entry: { ...disabled.entry, proof: step(0) } }],
      store([...enrolled, regenerated, disabled], { ...off, generation: 3 }),
    ],
    [
      'a code of a void set',
      /another set/,
      [...enrolled, regenerated, redeemed(6, 9)],
      store([...enrolled, regenerated, redeemed(6, 9)], { ...used, generation: 2 }),
    ],
    [
      'an under-count',
      /told of 2 wrong codes, 1 are/,
      [...enrolled, guessed(3), guessed(4)],
      store(enrolled, { failures: 1 }),
    ],
    [
      'a wrong code that the next challenge will not report',
      /are kept for the next challenge/,
      [...enrolled, guessed(3), guessed(4)],
      store(enrolled, { failures: 2, failedAttempts: 1 }),
    ],
    [
      'a wrong code that the next challenge will report twice',
      /are kept for the next challenge/,
      [...enrolled, guessed(3)],
      store(enrolled, { failures: 1, failedAttempts: 2 }),
    ],
    [
      'a wrong code that a change of the backup codes forgot',
      /are kept for the next challenge/,
      [...enrolled, guessed(3), regeneratedByBackup],
      store([...enrolled, regeneratedByBackup], { generation: 2 }),
    ],
    [
      'an under-count at verify',
      /told of 1 wrong codes at verify, 0/,
      [
        tell(1, { operation: 'setup', outcome: ok({ secret: SECRET }) }),
        tell(2, { operation: 'verify', proof: step(undefined), outcome: refused(400, 'invalid-code') }),
      ],
      store([], { ...off, generation: 0, pending: [{ attempts: 0 }] }),
    ],
    [
      'other codes for a repeated verify',
      /2 sets of codes/,
      [...enrolled, tell(3, { operation: 'verify', proof: step(-1), outcome: ok({ backup_codes: MORE_CODES }) })],
      store(enrolled),
    ],
    [
      'a repeated verify that is refused',
      /no reason/,
      [...enrolled, tell(3, { operation: 'verify', proof: step(-1), outcome: refused(400, 'no-pending-enrollment') })],
      store(enrolled),
    ],
    [
      'an unused code that is refused',
      /no reason/,
      [...enrolled, tell(3, { operation: 'challenge', proof: backup(), outcome: refused(400, 'invalid-code') })],
      store(enrolled),
    ],
    [
      'a refusal that forgets that MFA is on',
      /no reason/,
      [...enrolled, tell(3, { operation: 'challenge', proof: backup(), outcome: refused(409, 'mfa-not-enabled') })],
      store(enrolled),
    ],
    [
      'a status that forgets that MFA is on',
      /says off/,
      [...enrolled, tell(3, { operation: 'status', outcome: ok({ enabled: false }) })],
      store(enrolled),
    ],
    [
      'a setup without a proof',
      /needed a proof/,
      [...enrolled, tell(3, { operation: 'setup', outcome: ok({ secret: 'OTHER' }) })],
      store(enrolled),
    ],
    [
      'a right code that is refused',
      /no reason/,
      [...enrolled, tell(3, { operation: 'challenge', proof: step(0), outcome: refused(400, 'invalid-code') })],
      store(enrolled, { failures: 1 }),
    ],
    [
      'an internal error',
      /no reason/,
      [...enrolled, tell(3, { operation: 'status', outcome: refused(500, 'internal') })],
      store(enrolled),
    ],
    [
      'a status that shows what was not kept',
      /is lost/,
      [
        ...enrolled,
        tell(3, { operation: 'status', outcome: ok({ enabled: true, authenticators: [{ id: 'other' }] }) }),
      ],
      store(enrolled),
    ],
    [
      'an outage without Retry-After',
      /Retry-After/,
      [...enrolled, tell(3, { operation: 'status', outcome: refused(503, 'unavailable') })],
      store(enrolled),
    ],
    [
      'an order that cannot be',
      /came after it/,
      [...enrolled, redeemed(3, 8), redeemed(4, 9, CODES[1])],
      store([...enrolled, redeemed(4, 9, CODES[1]), redeemed(3, 8)], { backupCodes: { total: 10, used: 2 } }),
    ],
    ['an event of nobody', /nobody made/, enrolled, store([...enrolled, redeemed(3, 9)])],
    ['rows of nobody', /owners of rows/, enrolled, { ...store(enrolled), orphans: 1 }],
  ]

  it.each(unsound)('finds %s', (_, fault, told, stored) => {
    expect(faults(told, stored).join('\n')).toMatch(fault)
  })
})
