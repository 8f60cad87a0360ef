import type { ActiveAuthenticator, MfaStatus } from '../core/status.ts'

/** Formats a time for a response: RFC 3339 in UTC; null stays null. @param at milliseconds since the epoch */
export function timestamp<At extends number | null>(at: At): At extends number ? string : string | null
export function timestamp(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

/** Formats the status of a subject for a response. */
export function presentStatus(found: MfaStatus) {
  return {
    enabled: found.enabledAt !== null,
    enabled_at: timestamp(found.enabledAt),
    pending: found.pendingExpiresAt === null ? null : { expires_at: timestamp(found.pendingExpiresAt) },
    authenticators: found.authenticators.map(presentAuthenticator),
    backup_codes: found.backupCodes,
  }
}

/** Formats an authenticator for a response. */
export function presentAuthenticator(authenticator: ActiveAuthenticator) {
  return {
    id: authenticator.id,
    name: authenticator.name,
    created_at: timestamp(authenticator.createdAt),
    last_used_at: timestamp(authenticator.lastUsedAt),
  }
}
