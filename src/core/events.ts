/** Everything that can happen to a subject's second factor, as `noun.past`. */
export const EVENT_TYPES = [
  'mfa.enabled',
  'mfa.disabled',
  'mfa.revoked',
  'authenticator.added',
  'authenticator.removed',
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

/** A record of something that happened; it never holds a secret, a code or an address. */
export type MfaEvent = {
  /** A UUID, the same wherever this event shows up. */
  readonly id: string
  readonly type: EventType
  readonly authenticatorId: string | null
  readonly factor: Factor | null
}

/** The request that an event came from. */
export type RequestContext = {
  readonly requestId: string
  /** ISO 3166-1 alpha-2 as the edge saw it, null where it did not. */
  readonly country: string | null
}

/** Unused backup codes at which their owner is told to make new ones. */
export const LOW_BACKUP_CODES = 3

/** An event as its subject may see it: never a failure's reason, never who the administrator was. */
export type EventRecord = {
  readonly sequence: number
  readonly id: string
  readonly type: EventType
  readonly at: number
  readonly authenticatorId: string | null
  readonly country: string | null
  readonly byAdministrator: boolean
}
