import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  backupCodeCandidates,
  generateBackupCodes,
  hashBackupCodes,
  normalizeBackupCode,
} from '../../src/core/backup-codes.ts'
import { ALICE, BOB, fixedRandom, RANDOM, ringOf } from '../support/core.ts'

const SYMBOLS = '0123456789ABCDEFGHJKMNPQ'
const SPELLED = '0123-4567-89AB-CDEF-GHJK-MNPQ'

describe('generateBackupCodes', () => {
  it('makes ten different codes in Crockford base32, in groups of four', () => {
    const codes = generateBackupCodes(RANDOM)
    expect(codes).toHaveLength(10)
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
  })

  it('asks for 120 random bits a code (ASVS 6.5.2 wants 112 for a plain hash)', () => {
    const asked: number[] = []
    generateBackupCodes({
      ...RANDOM,
      bytes: (length) => {
        asked.push(length * 8)
        return RANDOM.bytes(length)
      },
    })
    expect(asked).toEqual(Array.from({ length: 10 }, () => 120))
  })

  it.each([
    { fill: 0x00, code: '0000-0000-0000-0000-0000-0000' },
    { fill: 0xff, code: 'ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ' },
  ])('writes every bit: $fill', ({ fill, code }) => {
    expect(new Set(generateBackupCodes(fixedRandom(fill)))).toEqual(new Set([code]))
  })

  it('makes codes that are read back in any spelling', () => {
    for (const code of generateBackupCodes(RANDOM)) {
      const symbols = code.replaceAll('-', '')
      for (const spelling of [code, symbols, code.toLowerCase(), code.replaceAll('-', ' ')]) {
        expect(normalizeBackupCode(spelling)).toEqual({ ok: true, value: symbols })
      }
    }
  })
})

describe('normalizeBackupCode', () => {
  it.each([
    ['groups', SPELLED],
    ['lower case', SPELLED.toLowerCase()],
    ['no hyphens', SYMBOLS],
    ['spaces', ` ${SPELLED.replaceAll('-', '  ')} `],
    ['hyphens anywhere', `--${SYMBOLS.split('').join('-')}--`],
    ['O for 0', SPELLED.replace('0', 'O')],
    ['o for 0', SPELLED.replace('0', 'o')],
    ['I for 1', SPELLED.replace('1', 'I')],
    ['i for 1', SPELLED.replace('1', 'i')],
    ['L for 1', SPELLED.replace('1', 'L')],
    ['l for 1', SPELLED.replace('1', 'l')],
  ])('reads a code with %s', (_, input) => {
    expect(normalizeBackupCode(input)).toEqual({ ok: true, value: SYMBOLS })
  })

  it.each([
    ['nothing', ''],
    ['hyphens alone', '-----'],
    ['a symbol too few', SYMBOLS.slice(1)],
    ['a symbol too many', `${SYMBOLS}0`],
    ['U, which the alphabet leaves out', SPELLED.replace('0', 'U')],
    ['u', SPELLED.replace('0', 'u')],
    ['a check symbol', SPELLED.replace('0', '*')],
    ['an underscore', SPELLED.replaceAll('-', '_')],
    ['a tab', SPELLED.replace('-', '\t')],
    ['a line end', `${SPELLED}\n`],
    ['a dash that is no hyphen', SPELLED.replaceAll('-', '–')],
    ['a no-break space', SPELLED.replaceAll('-', '\u00a0')],
    ['fullwidth digits', SPELLED.replace('0', '０')],
    ['a Kelvin sign, which folds to k', SPELLED.replace('K', '\u212a')],
    ['a long s, which folds to S', SPELLED.replace('0', '\u017f')],
    ['a dotless i, which folds to I', SPELLED.replace('1', '\u0131')],
    ['a NUL', `${SPELLED}\0`],
  ])('refuses %s', (_, input) => {
    expect(normalizeBackupCode(input)).toEqual({ ok: false, failure: 'malformed' })
  })

  it('takes a canonical code only as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (input) => {
        const read = normalizeBackupCode(input)
        if (read.ok) expect(normalizeBackupCode(read.value)).toEqual(read)
        else expect(read.failure).toBe('malformed')
      }),
    )
  })
})

describe('hashBackupCodes', () => {
  it('makes HMAC-SHA-256 hashes under the sealing key, in order', async () => {
    const keyring = ringOf('new', 'old')
    const codes = generateBackupCodes(RANDOM)
    const stored = await hashBackupCodes(codes, { subject: ALICE, keyring })
    expect(new Set(stored.map(({ hash }) => hash)).size).toBe(10)
    for (const { hash, keyId } of stored) {
      expect(hash).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(keyId).toBe('new')
    }
    const [first] = await hashBackupCodes(codes.slice(0, 1), { subject: ALICE, keyring })
    expect(first).toEqual(stored[0])
  })

  it.each([
    ['another subject', { subject: BOB, keyring: ringOf('k1') }],
    ['another issuer', { subject: { ...ALICE, issuer: 'https://other.example' }, keyring: ringOf('k1') }],
    ['another key', { subject: ALICE, keyring: ringOf('k2') }],
  ])('gives another hash for %s', async (_, options) => {
    const [mine] = await hashBackupCodes([SPELLED], { subject: ALICE, keyring: ringOf('k1') })
    const [theirs] = await hashBackupCodes([SPELLED], options)
    expect(theirs?.hash).not.toBe(mine?.hash)
  })
})

describe('backupCodeCandidates', () => {
  it('has one candidate for each key of the ring, so that codes outlive a rotation', async () => {
    const [stored] = await hashBackupCodes([SPELLED], { subject: ALICE, keyring: ringOf('old') })
    const candidates = await backupCodeCandidates(SYMBOLS, { subject: ALICE, keyring: ringOf('new', 'old') })
    expect(candidates.map(({ keyId }) => keyId)).toEqual(['new', 'old'])
    expect(candidates).toContainEqual(stored)
  })

  it('has none for a code whose key is gone, nor for another subject', async () => {
    const [stored] = await hashBackupCodes([SPELLED], { subject: ALICE, keyring: ringOf('old') })
    const hashes = async (subject: typeof ALICE, keyring: ReturnType<typeof ringOf>) =>
      (await backupCodeCandidates(SYMBOLS, { subject, keyring })).map(({ hash }) => hash)
    expect(await hashes(ALICE, ringOf('new'))).not.toContain(stored?.hash)
    expect(await hashes(BOB, ringOf('old'))).not.toContain(stored?.hash)
  })
})
