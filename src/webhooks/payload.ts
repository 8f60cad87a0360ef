import type { Delivery } from '../core/delivery.ts'

/** Returns the body of a webhook. It contains no reason, no client address and no administrator. */
export function webhookPayload(delivery: Delivery): string {
  const { eventId, type, at, sequence, subject, authenticatorId, failedAttempts } = delivery
  const timestamp = new Date(at).toISOString()
  const data = {
    event_id: eventId,
    sequence,
    iss: subject.issuer,
    sub: subject.sub,
    authenticator_id: authenticatorId,
    ...(failedAttempts !== null && { failed_attempts: failedAttempts }),
  }
  return JSON.stringify({ type, timestamp, data })
}
