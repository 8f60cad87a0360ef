import * as z from 'zod/mini'
import { normalizeBackupCode } from '../core/backup-codes.ts'
import type { Proof } from '../core/proof.ts'

const CODE_MESSAGE = 'must be a string of 6 digits'
const NAME_MESSAGE = 'must be a string of 1 to 64 characters, one of them visible, without control characters'

/**
 * The names of authenticators, with the flag `u`: 1 to 64 code points. One of them is a letter, number, punctuation mark
 * or symbol that shows (U+2800 is a blank symbol); none is a control character, a lone surrogate, which has no UTF-8, a
 * line or paragraph separator, or one that changes the direction of text (UAX #9).
 */
export const NAME_PATTERN =
  '^(?=.*(?![\\p{Default_Ignorable_Code_Point}\\u2800])[\\p{L}\\p{N}\\p{P}\\p{S}])[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Bidi_Control}]{1,64}$'

/** A TOTP code: 6 ASCII digits; spaces and hyphens between them do not matter. */
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

/** A backup code in any spelling that a person may give it; read as its canonical symbols. */
const backupCode = z
  .pipe(
    z.string(BACKUP_CODE_MESSAGE),
    z.transform((value: string) => {
      const normalized = normalizeBackupCode(value)
      return normalized.ok ? normalized.value : ''
    }),
  )
  .check(z.refine((symbols) => symbols !== '', BACKUP_CODE_MESSAGE))

/** The members in which a body carries a proof. */
export const proofMembers = { code: z.optional(code), backup_code: z.optional(backupCode) }

/** A body that may carry a proof, as it was validated. */
type ProofBody = { readonly code?: string | undefined; readonly backup_code?: string | undefined }

/** Refuses a body that carries two proofs: which of them would be used up? */
export const oneProof = z.refine<ProofBody>((body) => body.code === undefined || body.backup_code === undefined, {
  path: ['backup_code'],
  message: 'must not stand beside code',
})

/** The body of an operation that takes a proof and nothing else. */
export const proofBody = z.object(proofMembers).check(oneProof)

/** The proof that a body carries, if any. */
export function proofOf(body: ProofBody): Proof | undefined {
  if (body.code !== undefined) return { kind: 'otp', code: body.code }
  return body.backup_code === undefined ? undefined : { kind: 'backup_code', symbols: body.backup_code }
}

const REASON_MESSAGE = 'must be a string of 1 to 500 characters without control characters'
const LONGEST_REASON = 500

/** Why an administrator acts. */
export const reason = z
  .string(REASON_MESSAGE)
  .check(z.refine((value) => hasLength(value, LONGEST_REASON) && !/[\p{Cc}\p{Cs}]/u.test(value), REASON_MESSAGE))

/** Counts characters, not the units of UTF-16. */
function hasLength(value: string, most: number): boolean {
  const { length } = [...value]
  return length >= 1 && length <= most
}
