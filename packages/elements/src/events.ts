import type { Fault } from './service.ts'

/** What a change of the account's second factor was. */
export type Change =
  | 'enabled'
  | 'disabled'
  | 'authenticator-added'
  | 'authenticator-removed'
  | 'authenticator-renamed'
  | 'backup-codes-regenerated'

/** The step-up token, as the service gave it. It is handed out in this event and kept nowhere. */
export type Verified = {
  readonly token: string
  readonly token_type: string
  /** Seconds until it expires. */
  readonly expires_in: number
  readonly acr: string
  readonly amr: readonly string[]
  readonly backup_codes_remaining: number
  /** Wrong TOTP codes since the last successful challenge. */
  readonly failed_attempts: number
}

/** A problem as the elements tell it to the page; it never holds a secret or a code. */
export type EdgeMfaProblem = {
  /** The last segment of the problem's `type`, `unreachable`, or `no-token` when the token callback failed. */
  readonly name: Fault['name']
  readonly requestId: string | undefined
  /** Seconds until asking again makes sense. */
  readonly retryAfter: number | undefined
  /** What was asked for, for example `verify`. */
  readonly operation: string
}

/** The `detail` of every event of the elements. All bubble and leave a shadow root. */
export type EdgeMfaEvents = {
  /** The enrollment is over: MFA is on, and the person has said that the backup codes are saved. */
  readonly 'edge-mfa-enrolled': Record<never, never>
  /** A code was right. */
  readonly 'edge-mfa-verified': Verified
  /** Something about the second factor has changed; `enabled` comes before the backup codes are saved. */
  readonly 'edge-mfa-changed': { readonly change: Change }
  /** A request failed. The element says so itself; with `unauthorized` or `invalid-token` the page should sign in again. */
  readonly 'edge-mfa-problem': EdgeMfaProblem
}

/** The events of the elements by their name. */
export type EdgeMfaEventMap = { readonly [Name in keyof EdgeMfaEvents]: CustomEvent<EdgeMfaEvents[Name]> }

declare global {
  interface HTMLElementEventMap extends EdgeMfaEventMap {}
  interface DocumentEventMap extends EdgeMfaEventMap {}
}
