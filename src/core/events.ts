import type { Random } from './random.ts'

/** What can happen to a subject's second factor, as `noun.past`. */
export const EVENT_TYPES = [
  'mfa.enabled',
  'mfa.disabled',
  'mfa.revoked',
  'authenticator.added',
  'authenticator.removed',
  'authenticator.renamed',
  'enrollment.cancelled',
  'challenge.passed',
  'backup_code.redeemed',
  'backup_codes.regenerated',
  'backup_codes.low',
  'backup_codes.exhausted',
  'backup_codes.void',
  'throttle.started',
  'throttle.blocked',
  'admin.reset',
  'admin.unlocked',
] as const

/** One of {@link EVENT_TYPES}. */
export type EventType = (typeof EVENT_TYPES)[number]

/** What was presented: `otp` a TOTP code, `backup_code` a one-time backup code. */
export type Factor = 'otp' | 'backup_code'

/** Something that happened, to be appended to the record; it never holds a secret, a code or an address. */
export type NewEvent = {
  /** A UUID, the same in every delivery. */
  readonly id: string
  readonly type: EventType
  readonly authenticatorId: string | null
  readonly factor: Factor | null
  /** The administrator behind it, as JSON of `[issuer, sub]`. */
  readonly administrator?: string
  readonly reason?: string
  /** Append the event only while MFA is on. */
  readonly onlyWhileEnabled?: true
  /** Append the event only when exactly so many unused backup codes are left. */
  readonly backupCodesLeft?: number
  /** Keep in the event how many wrong TOTP codes came since the last successful challenge. */
  readonly withFailedAttempts?: true
}

/** The request that an event came from. */
export type RequestContext = {
  readonly requestId: string
  /** ISO 3166-1 alpha-2 as the edge saw it; null where it did not. */
  readonly country: string | null
}

/** Unused backup codes at which the owner is advised to make new ones. */
const LOW_BACKUP_CODES = 3

/** The events that a redeemed backup code may cause; the database appends the one whose count is reached. */
export function backupCodeWarnings(random: Random): readonly NewEvent[] {
  const warning = { authenticatorId: null, factor: 'backup_code', onlyWhileEnabled: true } as const
  return [
    { id: random.uuid(), type: 'backup_codes.low', ...warning, backupCodesLeft: LOW_BACKUP_CODES },
    { id: random.uuid(), type: 'backup_codes.exhausted', ...warning, backupCodesLeft: 0 },
  ]
}

/** An event as its subject may see it: never the reason of a failure, never who the administrator was. */
export type EventRecord = {
  readonly sequence: number
  readonly id: string
  /** One of {@link EVENT_TYPES}, or a type that a later version wrote. */
  readonly type: string
  readonly at: number
  readonly authenticatorId: string | null
  readonly country: string | null
  readonly byAdministrator: boolean
  /** Of a successful challenge: the wrong TOTP codes before it; else null. */
  readonly failedAttempts: number | null
}
