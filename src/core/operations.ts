import type { StoredBackupCode } from './backup-codes.ts'
import type { NewAuthenticator } from './enrollment.ts'
import type { EventType, Factor, NewEvent } from './events.ts'
import type { Random } from './random.ts'

/** The maximum number of active authenticators of a subject. */
export const MAX_AUTHENTICATORS = 5

/** What an operation writes. The store defines the statements of each effect. */
export type Effect =
  | 'replace-pending'
  | 'activate-pending'
  | 'replace-backup-codes'
  | 'delete-pending'
  | 'rename-authenticator'
  | 'delete-authenticator'
  | 'delete-factors'

/** The rules of one kind of operation. */
type Rules = {
  /** The minimum and maximum number of active authenticators before the operation. */
  readonly active: readonly [number, number]
  /** Whether the operation is on one of the active authenticators. */
  readonly namesAuthenticator: boolean
  readonly effects: readonly Effect[]
  /** Whether the operation changes the factors, which voids a pending secret and the kept response of `verify`. */
  readonly raisesGeneration: boolean
  /** The event of the operation. A pending authenticator is not a factor yet, so it has none. */
  readonly event: EventType | undefined
  /** Whether success reports and clears the wrong TOTP codes since the last challenge (ASVS 5.0 6.3.5). */
  readonly clearsFailedAttempts?: true
}

const ANY = { active: [0, MAX_AUTHENTICATORS], namesAuthenticator: false } as const
const WITH_MFA = { active: [1, MAX_AUTHENTICATORS], namesAuthenticator: false } as const
const WITH_ROOM = { active: [1, MAX_AUTHENTICATORS - 1], namesAuthenticator: false } as const
const WITHOUT_MFA = { active: [0, 0], namesAuthenticator: false } as const
const NONE: readonly Effect[] = []

/** Every operation that changes a subject: its precondition, its effects and its event. */
export const OPERATIONS = {
  'cancel-enrollment': {
    ...ANY,
    effects: ['delete-pending'],
    raisesGeneration: false,
    event: 'enrollment.cancelled',
  },
  setup: { ...WITHOUT_MFA, effects: ['replace-pending'], raisesGeneration: false, event: undefined },
  'setup-another': { ...WITH_ROOM, effects: ['replace-pending'], raisesGeneration: false, event: undefined },
  enable: {
    ...WITHOUT_MFA,
    effects: ['activate-pending', 'replace-backup-codes'],
    raisesGeneration: true,
    event: 'mfa.enabled',
  },
  'add-authenticator': {
    ...WITH_ROOM,
    effects: ['activate-pending'],
    raisesGeneration: true,
    event: 'authenticator.added',
  },
  challenge: {
    ...WITH_MFA,
    effects: NONE,
    raisesGeneration: false,
    event: 'challenge.passed',
    clearsFailedAttempts: true,
  },
  'regenerate-backup-codes': {
    ...WITH_MFA,
    effects: ['replace-backup-codes'],
    raisesGeneration: true,
    event: 'backup_codes.regenerated',
  },
  'rename-authenticator': {
    active: [1, MAX_AUTHENTICATORS],
    namesAuthenticator: true,
    effects: ['rename-authenticator'],
    raisesGeneration: false,
    event: 'authenticator.renamed',
  },
  'remove-authenticator': {
    active: [2, MAX_AUTHENTICATORS],
    namesAuthenticator: true,
    effects: ['delete-authenticator'],
    raisesGeneration: true,
    event: 'authenticator.removed',
  },
  disable: { ...WITH_MFA, effects: ['delete-factors'], raisesGeneration: true, event: 'mfa.disabled' },
  reset: { ...ANY, effects: ['delete-factors'], raisesGeneration: true, event: 'admin.reset' },
  unlock: { ...WITH_MFA, effects: NONE, raisesGeneration: false, event: 'admin.unlocked' },
} as const satisfies Record<string, Rules>

/** A kind of operation. */
export type OperationKind = keyof typeof OPERATIONS

/** An operation that needs a proof, with the data that it writes. */
export type ProvenOperation =
  | { readonly kind: 'challenge' }
  | { readonly kind: 'setup-another'; readonly authenticator: NewAuthenticator }
  | { readonly kind: 'regenerate-backup-codes'; readonly backupCodes: readonly StoredBackupCode[] }
  | { readonly kind: 'disable' }
  | { readonly kind: 'remove-authenticator'; readonly authenticatorId: string }

/** Why an operation is not possible, even with a valid proof. */
export type PreconditionFailure = {
  readonly code: 'mfa-not-enabled' | 'too-many-authenticators' | 'last-authenticator' | 'not-found'
}

/** Checks the rules of {@link OPERATIONS} against the active authenticators; the store checks the same in SQL. */
export function preconditionFailure(
  operation: ProvenOperation,
  authenticators: readonly { readonly id: string }[],
): PreconditionFailure | undefined {
  const [fewest, most] = OPERATIONS[operation.kind].active
  if (authenticators.length === 0) return { code: 'mfa-not-enabled' }
  if ('authenticatorId' in operation && !authenticators.some(({ id }) => id === operation.authenticatorId)) {
    return { code: 'not-found' }
  }
  if (authenticators.length > most) return { code: 'too-many-authenticators' }
  return authenticators.length < fewest ? { code: 'last-authenticator' } : undefined
}

const WITH_FAILED_ATTEMPTS = { withFailedAttempts: true } as const

/** Returns the events of an operation. That of a redeemed backup code comes first. */
export function eventsOf(
  operation: ProvenOperation,
  options: { readonly factor: Factor; readonly authenticatorId: string | null; readonly random: Random },
): readonly NewEvent[] {
  const { factor, random } = options
  const authenticatorId = 'authenticatorId' in operation ? operation.authenticatorId : options.authenticatorId
  const rules = OPERATIONS[operation.kind]
  const newEvent = (type: EventType) => ({ id: random.uuid(), type, factor, authenticatorId })
  return [
    ...(factor === 'backup_code' ? [newEvent('backup_code.redeemed')] : []),
    ...(rules.event
      ? [{ ...newEvent(rules.event), ...('clearsFailedAttempts' in rules && WITH_FAILED_ATTEMPTS) }]
      : []),
  ]
}
