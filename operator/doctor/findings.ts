import { ENVIRONMENT_EXPLANATIONS } from './environment-explanations.ts'
import type { Explanation } from './explanation.ts'
import { SERVICE_EXPLANATIONS } from './service-explanations.ts'

/** Everything that the doctor can find, with its cause and its cure. */
export const EXPLANATIONS = { ...SERVICE_EXPLANATIONS, ...ENVIRONMENT_EXPLANATIONS } as const

/** The name of something that the doctor can find. */
export type FindingCode = keyof typeof EXPLANATIONS

/** Something that is not as it must be. `found` says where and how much, never a secret value. */
export type Finding = { readonly code: FindingCode; readonly found: string } & Explanation

/** A finding with its explanation. */
export function finding(code: FindingCode, found: string): Finding {
  return { code, found, ...EXPLANATIONS[code] }
}
