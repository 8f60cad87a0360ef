/** What there is of a subject's second factor; moments in milliseconds since the epoch. */
export type MfaStatus = {
  /** Null while MFA is off. */
  readonly enabledAt: number | null
  /** Null when no secret waits for its first code. */
  readonly pendingExpiresAt: number | null
  readonly authenticators: readonly ActiveAuthenticator[]
  /** `remaining` leaves out codes whose key has left the ring. */
  readonly backupCodes: { readonly total: number; readonly remaining: number }
  /** The throttle; for administrators. */
  readonly failures: number
  readonly retryAt: number | null
  readonly unlockedAt: number | null
}

/** An authenticator as its owner may see it. */
export type ActiveAuthenticator = {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}
