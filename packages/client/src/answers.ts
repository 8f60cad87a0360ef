/*
 * What the operations answer. Names are those of the wire, so that what one reads here, in the document and in a
 * recorded exchange is the same. A moment is text: RFC 3339 in UTC.
 */

/** An authenticator of the user. */
export interface Authenticator {
  readonly id: string
  /** What its owner calls it. */
  readonly name: string
  readonly created_at: string
  /** Null until a code of it was accepted after the one that activated it. */
  readonly last_used_at: string | null
}

/** What there is of the user's second factor. */
export interface Status {
  /** For a person to see: it decides nothing on a server. */
  readonly enabled: boolean
  readonly enabled_at: string | null
  /** The secret that waits for its first code, if there is one. */
  readonly pending: { readonly expires_at: string } | null
  readonly authenticators: readonly Authenticator[]
  readonly backup_codes: { readonly total: number; readonly remaining: number }
}

/** That something was done. */
export interface Done {
  readonly success: boolean
  /** What happened, for a person. */
  readonly message: string
}

/** A pending secret. */
export interface PendingEnrollment extends Done {
  /** 32 base32 characters, for manual entry. */
  readonly secret: string
  /** Opens the authenticator app of a phone. */
  readonly otpauth_uri: string
  /** A data URI of an SVG, white quiet zone included. */
  readonly qr_code: string
  /** When the secret is dropped unless a code was verified. */
  readonly expires_at: string
}

/** What comes with backup codes. */
export interface BackupCodes extends Done {
  /** Ten codes, to be shown once; none where a further authenticator was added. */
  readonly backup_codes: readonly string[]
}

/** The answer of `verify`. */
export interface Verification extends BackupCodes {
  /** With `step_up: true`, unless this is a repeat. */
  readonly step_up?: StepUpToken | undefined
}

/** A step-up token, for the issuer or a resource server to verify. */
export interface StepUpToken {
  readonly token: string
  readonly token_type: string
  /** Seconds. */
  readonly expires_in: number
  readonly acr: string
  readonly amr: readonly string[]
}

/** The answer of `challenge`. */
export interface StepUp extends Done, StepUpToken {
  readonly backup_codes_remaining: number
  /** Wrong TOTP codes since the last successful challenge. */
  readonly failed_attempts: number
}

/** Something that happened to the second factor. */
export interface Event {
  readonly id: string
  /** `mfa.enabled`, `authenticator.added` and so on; more may come. */
  readonly type: string
  readonly at: string
  readonly authenticator_id: string | null
  /** ISO 3166-1 alpha-2, where it is known. */
  readonly country: string | null
  /** Present where an administrator did it. */
  readonly by?: 'administrator' | 'service' | undefined
  /** Of `challenge.passed`: the wrong TOTP codes before it. */
  readonly failed_attempts?: number | undefined
}

/** A page of events, newest first. */
export interface EventPage {
  readonly events: readonly Event[]
  /** The `cursor` of the next page; null on the last one. */
  readonly next_cursor: string | null
}
