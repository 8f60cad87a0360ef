import { describe, expect, it } from 'vitest'
import { openRepeat, type RepeatIdentity, repeatMarks, sealRepeat } from '../../src/core/repeat.ts'
import { ALICE, BOB, RANDOM, ringOf } from '../support/core.ts'

const CODES = ['0000-0000-0000-0000-0000-0000', '1111-1111-1111-1111-1111-1111']
const identity: RepeatIdentity = { subject: ALICE, code: '123456', tokenHash: RANDOM.bytes(32) }

function sealed(ring = ringOf('k1')): Promise<string> {
  return sealRepeat(CODES, { identity, keyring: ring, random: RANDOM })
}

describe('openRepeat', () => {
  it('gives the codes to the same token with the same code', async () => {
    expect(await openRepeat(await sealed(), { identity, keyring: ringOf('k1') })).toEqual(CODES)
  })

  it('gives an empty set as an empty set, not as nothing', async () => {
    const empty = await sealRepeat([], { identity, keyring: ringOf('k1'), random: RANDOM })
    expect(await openRepeat(empty, { identity, keyring: ringOf('k1') })).toEqual([])
  })

  it.each<[string, RepeatIdentity]>([
    ['another token', { ...identity, tokenHash: RANDOM.bytes(32) }],
    ['no token', { ...identity, tokenHash: new Uint8Array() }],
    ['another code', { ...identity, code: '123457' }],
    ['another subject', { ...identity, subject: BOB }],
    ['another issuer', { ...identity, subject: { ...ALICE, issuer: 'https://other.example' } }],
  ])('gives nothing to %s', async (_, other) => {
    expect(await openRepeat(await sealed(), { identity: other, keyring: ringOf('k1') })).toBeUndefined()
  })

  it('opens after a rotation, and not once the key is gone', async () => {
    const kept = await sealed(ringOf('old'))
    expect(await openRepeat(kept, { identity, keyring: ringOf('new', 'old') })).toEqual(CODES)
    expect(await openRepeat(kept, { identity, keyring: ringOf('new') })).toBeUndefined()
  })
})

describe('repeatMarks', () => {
  it('is one for each key of the ring, that of the sealing key first', async () => {
    const [[alone], [other], both] = await Promise.all([
      repeatMarks(identity, ringOf('k1')),
      repeatMarks(identity, ringOf('k2')),
      repeatMarks(identity, ringOf('k2', 'k1')),
    ])
    expect(both).toEqual([other, alone])
    expect(alone).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each<[string, RepeatIdentity]>([
    ['another token', { ...identity, tokenHash: new Uint8Array(32) }],
    ['another code', { ...identity, code: '123457' }],
    ['another subject', { ...identity, subject: BOB }],
    ['another issuer', { ...identity, subject: { ...ALICE, issuer: 'https://other.example' } }],
  ])('differs for %s', async (_, other) => {
    expect(await repeatMarks(other, ringOf('k1'))).not.toEqual(await repeatMarks(identity, ringOf('k1')))
  })
})
