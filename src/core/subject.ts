/** The user of an access token. Two issuers may use the same `sub`, so the issuer is part of it. */
export type Subject = {
  /** The issuer that subjects are stored under: `subject_issuer` of its entry, by default the `iss` of the access token. */
  readonly issuer: string
  /** `sub` of the access token. */
  readonly sub: string
}

/** 1 to 255 printable ASCII characters, except `.` and `..`, which are special path segments. */
const SUB = /^(?!\.{1,2}$)[\x20-\x7e]{1,255}$/

/** Returns whether a text is a valid `sub`. */
export function isSubject(sub: string): boolean {
  return SUB.test(sub)
}
