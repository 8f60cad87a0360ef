import * as z from 'zod/mini'
import { normalizeBackupCode } from '../core/backup-codes.ts'
import type { Proof } from '../core/proof.ts'

const CODE_MESSAGE = 'must be a string of 6 digits'
const NAME_MESSAGE = 'must be a string of 1 to 64 characters, one of them visible, without control characters'

/**
 * The pattern of authenticator names, for the flag `u`: 1 to 64 code points. At least one is a visible letter, number,
 * punctuation mark or symbol (U+2800 is blank). None is a control character, a lone surrogate, a line or paragraph
 * separator, or a bidirectional control (UAX #9).
 */
export const NAME_PATTERN =
  '^(?=.*(?![\\p{Default_Ignorable_Code_Point}\\u2800])[\\p{L}\\p{N}\\p{P}\\p{S}])[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Bidi_Control}]{1,64}$'

/** A TOTP code: 6 ASCII digits. Spaces and hyphens are ignored. */
export const code = z.pipe(
  z.pipe(
    z.string(CODE_MESSAGE),
    z.transform((value: string) => value.replaceAll(/[ -]/g, '')),
  ),
  z.string().check(z.regex(/^[0-9]{6}$/, CODE_MESSAGE)),
)

/** The name of an authenticator. */
export const authenticatorName = z.string(NAME_MESSAGE).check(z.regex(new RegExp(NAME_PATTERN, 'u'), NAME_MESSAGE))

const BACKUP_CODE_MESSAGE = 'must be a string of 24 symbols of a backup code'

/** A backup code as a person typed it, transformed into its canonical symbols. */
const backupCode = z
  .pipe(
    z.string(BACKUP_CODE_MESSAGE),
    z.transform((value: string) => {
      const normalized = normalizeBackupCode(value)
      return normalized.ok ? normalized.value : ''
    }),
  )
  .check(z.refine((symbols) => symbols !== '', BACKUP_CODE_MESSAGE))

/** The members of a body that contain a proof. */
export const proofMembers = { code: z.optional(code), backup_code: z.optional(backupCode) }

/** A validated body that can contain a proof. */
type ProofBody = { readonly code?: string | undefined; readonly backup_code?: string | undefined }

/** Rejects a body with two proofs. */
export const oneProof = z.refine<ProofBody>((body) => body.code === undefined || body.backup_code === undefined, {
  path: ['backup_code'],
  message: 'must not be sent together with code',
})

/** The body of an operation that needs only a proof. */
export const proofBody = z.object(proofMembers).check(oneProof)

/** Returns the proof in a body, if there is one. */
export function proofOf(body: ProofBody): Proof | undefined {
  if (body.code !== undefined) return { kind: 'otp', code: body.code }
  return body.backup_code === undefined ? undefined : { kind: 'backup_code', symbols: body.backup_code }
}

const REASON_MESSAGE = 'must be a string of 1 to 500 characters without control characters'
const LONGEST_REASON = 500

/** The reason that an administrator gives for a change. */
export const reason = z
  .string(REASON_MESSAGE)
  .check(z.refine((value) => hasLength(value, LONGEST_REASON) && !/[\p{Cc}\p{Cs}]/u.test(value), REASON_MESSAGE))

/** Counts code points, not UTF-16 code units. */
function hasLength(value: string, most: number): boolean {
  const { length } = [...value]
  return length >= 1 && length <= most
}
