import { bearer } from './bearer.ts'
import { rateLimitAddress, rateLimitSubject } from './rate-limit.ts'

/** What every operation under `/api` begins with: the rate limits, and between them a valid access token. */
export function guard() {
  return [rateLimitAddress(), bearer(), rateLimitSubject()] as const
}
