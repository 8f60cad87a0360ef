import { ENVIRONMENT_EXPLANATIONS } from './environment-explanations.ts'
import type { Explanation } from './explanation.ts'
import { SERVICE_EXPLANATIONS } from './service-explanations.ts'

/** The explanations of all findings, by code. */
export const EXPLANATIONS = { ...SERVICE_EXPLANATIONS, ...ENVIRONMENT_EXPLANATIONS } as const

/** The code of a finding. */
export type FindingCode = keyof typeof EXPLANATIONS

/** A problem that the doctor found. `found` says where, and never contains a secret value. */
export type Finding = { readonly code: FindingCode; readonly found: string } & Explanation

/** Returns a finding with its explanation. */
export function finding(code: FindingCode, found: string): Finding {
  return { code, found, ...EXPLANATIONS[code] }
}
