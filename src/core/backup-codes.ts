import { base32crockford, base64urlnopad } from '@scure/base'
import { boundFields } from './bytes.ts'
import type { DerivedKey, Keyring } from './keyring.ts'
import type { Random } from './random.ts'
import { fail, ok, type Result } from './result.ts'
import type { Subject } from './subject.ts'

/** The number of codes in a set. */
const BACKUP_CODE_COUNT = 10
/** Bytes of a code: 120 bits. From 112 bits on, a keyed hash is sufficient (ASVS 5.0 6.5.2, SP 800-63B-4 §3.1.2.2). */
const BACKUP_CODE_BYTES = 15
const SYMBOLS = 24
const GROUP = /.{4}(?=.)/g

/** A backup code as it is stored: its keyed hash. */
export type StoredBackupCode = {
  /** HMAC-SHA-256 in base64url. */
  readonly hash: string
  /** The id of the master key behind the hash. */
  readonly keyId: string
}

/** Generates a set of codes, each `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX` in Crockford's base32. */
export function generateBackupCodes(random: Random): readonly string[] {
  return Array.from({ length: BACKUP_CODE_COUNT }, () => {
    const symbols = base32crockford.encode(random.bytes(BACKUP_CODE_BYTES))
    return symbols.replaceAll(GROUP, '$&-')
  })
}

/**
 * Returns the canonical 24 symbols of a code as a person typed it: letter case, hyphens and spaces are ignored, O reads
 * as 0, I and L read as 1. Fails for anything else.
 */
export function normalizeBackupCode(input: string): Result<string, 'malformed'> {
  if (!/^[0-9A-Za-z -]*$/.test(input)) return fail('malformed')
  const symbols = input.replaceAll(/[ -]/g, '').toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return symbols.length === SYMBOLS && /^[0-9A-HJKMNP-TV-Z]*$/.test(symbols) ? ok(symbols) : fail('malformed')
}

/** Hashes new codes under the first key of the ring. */
export async function hashBackupCodes(
  codes: readonly string[],
  options: { readonly subject: Subject; readonly keyring: Keyring },
): Promise<readonly StoredBackupCode[]> {
  const pepper = await options.keyring.sealing('backup-code')
  return Promise.all(codes.map((code) => hash(code.replaceAll('-', ''), { subject: options.subject, pepper })))
}

/** Returns the stored forms that a canonical code can have: one for each key of the ring. */
export async function backupCodeCandidates(
  symbols: string,
  options: { readonly subject: Subject; readonly keyring: Keyring },
): Promise<readonly StoredBackupCode[]> {
  const peppers = await options.keyring.all('backup-code')
  return Promise.all(peppers.map((pepper) => hash(symbols, { subject: options.subject, pepper })))
}

async function hash(
  symbols: string,
  options: { readonly subject: Subject; readonly pepper: DerivedKey },
): Promise<StoredBackupCode> {
  const { subject, pepper } = options
  const message = boundFields('backup-code', [subject.issuer, subject.sub, symbols])
  const mac = await crypto.subtle.sign('HMAC', pepper.key, message)
  return { hash: base64urlnopad.encode(new Uint8Array(mac)), keyId: pepper.keyId }
}
