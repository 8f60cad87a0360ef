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
  readonly type: EventType | null
  readonly authenticatorId: string | null
  readonly factor: Factor | null
  /** The administrator who made the change, as JSON of `[issuer, sub]`. */
  readonly administrator?: string
  readonly reason?: string
  /** Append the event only while MFA is on. */
  readonly onlyWhileEnabled?: true
  /** In place of a type: the type by the number of unused backup codes that are left; with none, no event. */
  readonly typeByBackupCodesLeft?: Readonly<Record<number, EventType>>
  /** Keep in the event how many wrong TOTP codes came since the last successful challenge. */
  readonly withFailedAttempts?: true
}

/** The request that caused an event. */
export type RequestContext = {
  readonly requestId: string
  /** The country code (ISO 3166-1 alpha-2) that Cloudflare gives for the client; null when unknown. */
  readonly country: string | null
  /** The `sub` of the service that acted for the subject; null when the subject did. */
  readonly service: string | null
}

/** The number of unused backup codes at which the user should regenerate them. */
const LOW_BACKUP_CODES = 3

/** The event that a redeemed backup code may cause; the database knows how many are left. */
export function backupCodeWarning(random: Random): NewEvent {
  return {
    id: random.uuid(),
    type: null,
    typeByBackupCodesLeft: { [LOW_BACKUP_CODES]: 'backup_codes.low', 0: 'backup_codes.exhausted' },
    authenticatorId: null,
    factor: 'backup_code',
    onlyWhileEnabled: true,
  }
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
  readonly byService: boolean
  /** Of a successful challenge: the wrong TOTP codes before it; else null. */
  readonly failedAttempts: number | null
}
