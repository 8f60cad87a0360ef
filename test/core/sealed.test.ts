import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/core/bytes.ts'
import { IV_BYTES, open, seal } from '../../src/core/sealed.ts'
import { ascii, RANDOM, ringOf } from '../support/core.ts'

const PLAINTEXT = 'a secret of 20 bytes'
const PLACE = ascii('row 1')
const ring = ringOf('k1')
const { key, keyId } = await ring.sealing('authenticator-secret')
const keyFor = (id: string) => ring.find(id, 'authenticator-secret')

function sealHere(): Promise<string> {
  const iv = RANDOM.bytes(IV_BYTES)
  return seal({ key, keyId, iv, plaintext: ascii(PLAINTEXT), additionalData: PLACE })
}

/** Every text that differs from `text` in one character, by another one of its alphabet or one of no alphabet. */
function tampered(text: string): string[] {
  return [...text].flatMap((character, index) =>
    ['A', 'B', '-', '.', '=', ' ']
      .filter((other) => other !== character)
      .map((other) => text.slice(0, index) + other + text.slice(index + 1)),
  )
}

describe('seal', () => {
  it('writes version, key id, nonce and ciphertext', async () => {
    expect(await sealHere()).toMatch(/^v1\.k1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{48}$/)
  })

  it('uses a nonce of 96 bits (NIST SP 800-38D §8.2.2)', () => {
    expect(IV_BYTES * 8).toBe(96)
  })
})

describe('open', () => {
  it('gives back what was sealed', async () => {
    const plaintext = await open(await sealHere(), { keyFor, additionalData: PLACE })
    expect(plaintext && textOf(plaintext)).toBe(PLAINTEXT)
  })

  it('does not open at another place', async () => {
    expect(await open(await sealHere(), { keyFor, additionalData: ascii('row 2') })).toBeUndefined()
    expect(await open(await sealHere(), { keyFor, additionalData: ascii('') })).toBeUndefined()
  })

  it('does not open when its key is gone', async () => {
    const later = ringOf('k2')
    const gone = (id: string) => later.find(id, 'authenticator-secret')
    expect(await open(await sealHere(), { keyFor: gone, additionalData: PLACE })).toBeUndefined()
  })

  it('does not open under another key of the same id', async () => {
    const other = await ringOf('k2').find('k2', 'authenticator-secret')
    expect(await open(await sealHere(), { keyFor: async () => other, additionalData: PLACE })).toBeUndefined()
  })

  it('does not open when any one character is another', async () => {
    const sealed = await sealHere()
    const opened = await Promise.all(
      tampered(sealed).map(async (each) => ({ each, plain: await open(each, { keyFor, additionalData: PLACE }) })),
    )
    expect(opened.length).toBeGreaterThan(300)
    expect(opened.filter(({ plain }) => plain !== undefined)).toEqual([])
  })

  it.each([
    ['nothing', () => ''],
    ['dots alone', () => '...'],
    ['another version', (sealed: string) => sealed.replace('v1', 'v2')],
    ['a part too many', (sealed: string) => `${sealed}.AA`],
    ['a part too few', (sealed: string) => sealed.slice(0, sealed.lastIndexOf('.'))],
    ['no ciphertext', (sealed: string) => sealed.slice(0, sealed.lastIndexOf('.') + 1)],
    ['a cut ciphertext', (sealed: string) => sealed.slice(0, -4)],
    ['padding', (sealed: string) => `${sealed}=`],
  ])('does not open %s', async (_, change) => {
    expect(await open(change(await sealHere()), { keyFor, additionalData: PLACE })).toBeUndefined()
  })
})
