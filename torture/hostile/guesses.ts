import { randomBytes } from 'node:crypto'
import { base32crockford } from '@scure/base'
import type { Pending, Veteran } from '../lib/subjects.ts'

/** Beyond the window, and beyond the reach of the hint at `verify`. */
const FAR_STEPS = 22

/** What a guesser sends, by the kind of guess; every one of them must be told the same. */
export type Guesses<Subject> = Readonly<Record<string, (subject: Subject) => object>>

/** TOTP codes that no operation accepts. */
export const TOTP_GUESSES = {
  wrong: ({ code }) => ({ code: unlike(code) }),
  'last digit wrong': ({ code }) => ({ code: unlike(code, lastDigitOff(code(0))) }),
  'first digit wrong': ({ code }) => ({ code: unlike(code, firstDigitOff(code(0))) }),
  replayed: ({ usedCode }) => ({ code: usedCode }),
  'three steps late': ({ code }) => ({ code: code(-3) }),
  'three steps early': ({ code }) => ({ code: code(3) }),
  'an hour early': ({ code }) => ({ code: code(120) }),
  'of a pending secret': ({ pendingCode }) => ({ code: pendingCode(0) }),
} satisfies Guesses<Veteran>

/** Those, and one that is right. */
export const TOTP_CODES = { ...TOTP_GUESSES, right: ({ code }) => ({ code: code(1) }) } satisfies Guesses<Veteran>

/** Backup codes that no operation accepts. */
export const BACKUP_CODE_GUESSES = {
  wrong: () => ({ backup_code: base32crockford.encode(randomBytes(15)) }),
  'last symbol wrong': ({ backupCode }) => ({ backup_code: lastSymbolOff(backupCode) }),
  'first symbol wrong': ({ backupCode }) => ({ backup_code: firstSymbolOff(backupCode) }),
  used: ({ usedBackupCode }) => ({ backup_code: usedBackupCode }),
  'of a void set': ({ voidBackupCode }) => ({ backup_code: voidBackupCode }),
} satisfies Guesses<Veteran>

/** Codes that `verify` accepts for no pending secret, and that tell nothing about a clock. */
export const PENDING_GUESSES = {
  wrong: ({ code }) => ({ code: unlike(code) }),
  'last digit wrong': ({ code }) => ({ code: unlike(code, lastDigitOff(code(0))) }),
  'first digit wrong': ({ code }) => ({ code: unlike(code, firstDigitOff(code(0))) }),
  'an hour early': ({ code }) => ({ code: code(120) }),
  'of the secret before': ({ formerCode }) => ({ code: formerCode }),
} satisfies Guesses<Pending>

/** One of some codes, of all there are unless told, that is right at no step near enough to matter. */
export function unlike(code: (stepsAhead: number) => string, candidates: Iterable<string> = anyCode()): string {
  const near = new Set(Array.from({ length: 2 * FAR_STEPS + 1 }, (_, index) => code(index - FAR_STEPS)))
  for (const candidate of candidates) if (!near.has(candidate)) return candidate
  throw new Error('every candidate is a right code')
}

/** The codes that are this one but for the last digit. */
export function lastDigitOff(code: string): readonly string[] {
  return otherDigits(code.slice(-1)).map((digit) => `${code.slice(0, -1)}${digit}`)
}

/** A backup code that is this one but for the last symbol. */
export function lastSymbolOff(backupCode: string): string {
  return `${backupCode.slice(0, -1)}${otherSymbol(backupCode.at(-1))}`
}

function firstDigitOff(code: string): readonly string[] {
  return otherDigits(code.slice(0, 1)).map((digit) => `${digit}${code.slice(1)}`)
}

function firstSymbolOff(backupCode: string): string {
  return `${otherSymbol(backupCode[0])}${backupCode.slice(1)}`
}

function otherSymbol(symbol: string | undefined): string {
  return symbol === '0' ? '1' : '0'
}

function otherDigits(digit: string): readonly string[] {
  return Array.from({ length: 9 }, (_, index) => String((Number(digit) + index + 1) % 10))
}

function* anyCode(): Generator<string> {
  for (;;) yield String(randomBytes(4).readUInt32BE() % 1_000_000).padStart(6, '0')
}
