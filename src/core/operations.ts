import type { StoredBackupCode } from './backup-codes.ts'
import type { NewAuthenticator } from './enrollment.ts'
import type { EventType, Factor, MfaEvent } from './events.ts'
import type { Random } from './random.ts'

/** An operation that uses a proof up, with what it writes. */
export type ProvenOperation =
  | { readonly kind: 'challenge' }
  | { readonly kind: 'add-authenticator'; readonly authenticator: NewAuthenticator }
  | { readonly kind: 'regenerate'; readonly backupCodes: readonly StoredBackupCode[] }
  | { readonly kind: 'disable' }
  | { readonly kind: 'remove-authenticator'; readonly authenticatorId: string }

/** What each operation leaves in the record; a pending authenticator is no fact yet. */
const EVENTS = {
  challenge: 'challenge.passed',
  'add-authenticator': undefined,
  regenerate: 'backup_codes.regenerated',
  disable: 'mfa.disabled',
  'remove-authenticator': 'authenticator.removed',
} as const satisfies Record<ProvenOperation['kind'], EventType | undefined>

/** The events of an operation, that of its backup code first. */
export function eventsOf(
  operation: ProvenOperation,
  options: { readonly factor: Factor; readonly authenticatorId: string | null; readonly random: Random },
): readonly MfaEvent[] {
  const { factor, random } = options
  const own = EVENTS[operation.kind]
  const authenticatorId =
    operation.kind === 'remove-authenticator' ? operation.authenticatorId : options.authenticatorId
  const types: readonly EventType[] = [
    ...(factor === 'backup_code' ? ['backup_code.redeemed' as const] : []),
    ...(own ? [own] : []),
  ]
  return types.map((type) => ({ id: random.uuid(), type, factor, authenticatorId }))
}
