/** Whose factors these are: always both, since two issuers may hand out the same `sub`. Never taken from a body. */
export type Subject = {
  /** `iss` of the access token. */
  readonly issuer: string
  /** `sub` of the access token. */
  readonly sub: string
}
