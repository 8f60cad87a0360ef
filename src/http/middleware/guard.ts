import { bearer } from './bearer.ts'
import { shield } from './shield.ts'

/** What stands before every operation under `/api`: a valid access token, and the flood shield. */
export function guard() {
  return [bearer(), shield()] as const
}
