/** An issuer whose access tokens the service accepts, with all defaults applied. */
export type Issuer = {
  /** `iss` of its tokens, compared exactly. */
  readonly iss: string
  /** The `aud` that its tokens must name. */
  readonly audience: string
  readonly keys: IssuerKeys
  /** The `alg` values that its tokens may have. */
  readonly algorithms: readonly string[]
  /** How far ahead the `exp` of its tokens may be. */
  readonly maxLifetimeSeconds: number
  /** The issuer under which its subjects are stored; the same as `iss` unless issuers share subjects. */
  readonly subjectIssuer: string
  /** Whether scopes `mfa:*` of its tokens count. */
  readonly privileged: boolean
  /** The issuer name in authenticator apps. */
  readonly mfaIssuer: string
  /** The claim that names the account in authenticator apps. */
  readonly accountClaim: string | undefined
  /** `aud` of the step-up tokens of its subjects. */
  readonly stepUpAudience: string
  /** When set, turning MFA on needs a sign-in that recent. */
  readonly enrollMaxAgeSeconds: number | undefined
  /** The origins whose pages may read answers to requests with its tokens. */
  readonly corsOrigins: readonly string[]
}

/** Where the keys of an issuer come from. */
export type IssuerKeys =
  | { readonly kind: 'remote'; readonly url: URL }
  | { readonly kind: 'inline'; readonly jwks: { readonly keys: readonly PublicJwk[] } }
  | { readonly kind: 'secret'; readonly secret: Uint8Array<ArrayBuffer> }

/** A public key as a JWK (RFC 7517 §4). */
export type PublicJwk = { readonly kty?: string; readonly [member: string]: unknown }
