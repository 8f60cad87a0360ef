import type { Delivery } from '../core/delivery.ts'

/** The body of a webhook: what happened, when, and to whom; never a reason, an address or an administrator. */
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
