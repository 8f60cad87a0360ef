import type { Random } from './random.ts'

/** The types of events, as `noun.past_participle`. */
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

/** The kind of a proof: a TOTP code or a backup code. */
export type Factor = 'otp' | 'backup_code'

/** An event to append. It contains no secret, no code and no client address. */
export type NewEvent = {
  /** A UUID, the same in every delivery of the event. */
  readonly id: string
  readonly type: EventType
  readonly authenticatorId: string | null
  readonly factor: Factor | null
  /** The administrator who made the change, as JSON of `[issuer, sub]`. */
  readonly administrator?: string
  readonly reason?: string
  /** Append the event only while MFA is on. */
  readonly onlyWhileEnabled?: true
  /** Append the event only when exactly this many unused backup codes are left. */
  readonly backupCodesLeft?: number
  /** Record the number of wrong TOTP codes since the last successful challenge in the event. */
  readonly withFailedAttempts?: true
}

/** The request that caused an event. */
export type RequestContext = {
  readonly requestId: string
  /** The country code (ISO 3166-1 alpha-2) that Cloudflare gives for the client; null when unknown. */
  readonly country: string | null
}

/** The number of unused backup codes at which the user should regenerate them. */
const LOW_BACKUP_CODES = 3

/** Returns the warnings that a redeemed backup code can cause. The database appends the one whose count is reached. */
export function backupCodeWarnings(random: Random): readonly NewEvent[] {
  const warning = { authenticatorId: null, factor: 'backup_code', onlyWhileEnabled: true } as const
  return [
    { id: random.uuid(), type: 'backup_codes.low', ...warning, backupCodesLeft: LOW_BACKUP_CODES },
    { id: random.uuid(), type: 'backup_codes.exhausted', ...warning, backupCodesLeft: 0 },
  ]
}

/** An event as its subject sees it, without the reason and the identity of an administrator. */
export type EventRecord = {
  readonly sequence: number
  readonly id: string
  /** One of {@link EVENT_TYPES}, or a type of a later version. */
  readonly type: string
  readonly at: number
  readonly authenticatorId: string | null
  readonly country: string | null
  readonly byAdministrator: boolean
  /** For a successful challenge the number of wrong TOTP codes before it, otherwise null. */
  readonly failedAttempts: number | null
}
