/** Whose factors these are: always both, since two issuers may hand out the same `sub`. Never taken from a body. */
export type Subject = {
  /** The issuer that subjects are stored under: `subject_issuer` of its entry, by default the `iss` of the access token. */
  readonly issuer: string
  /** `sub` of the access token. */
  readonly sub: string
}

/** 1 to 255 characters from U+0020 to U+007E; dots alone would be path segments of a special kind. */
const SUB = /^(?!\.{1,2}$)[\x20-\x7e]{1,255}$/

/** Whether a text can be the `sub` of a subject. */
export function isSubject(sub: string): boolean {
  return SUB.test(sub)
}
