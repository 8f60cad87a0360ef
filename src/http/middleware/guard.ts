import { bearer } from './bearer.ts'
import { rateLimitAddress, rateLimitSubject } from './rate-limit.ts'

/** The middleware of every operation under `/api`: limit by address, access token, limit by subject. */
export function guard() {
  return [rateLimitAddress(), bearer(), rateLimitSubject()] as const
}
