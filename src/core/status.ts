/** The state of a subject's second factor. Times are milliseconds since the epoch. */
export type MfaStatus = {
  /** Null when MFA is off. */
  readonly enabledAt: number | null
  /** Null when there is no pending secret. */
  readonly pendingExpiresAt: number | null
  readonly authenticators: readonly ActiveAuthenticator[]
  /** `remaining` excludes codes whose key was removed from the ring. */
  readonly backupCodes: { readonly total: number; readonly remaining: number }
  /** The throttle, which only administrators see. */
  readonly failures: number
  readonly retryAt: number | null
  readonly unlockedAt: number | null
}

/** An active authenticator, without its secret. */
export type ActiveAuthenticator = {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly lastUsedAt: number | null
}
