import type { Delivery, DeliveryOutcome } from '../core/delivery.ts'
import { webhookPayload } from './payload.ts'
import { signWebhook } from './sign.ts'

const TIMEOUT_MS = 15_000
/** The maximum number of bytes that are read of a response. */
const MOST_OF_RESPONSE = 1024

/** The receiver of webhooks: its URL, and the secrets that sign each request. */
export type Receiver = { readonly url: URL; readonly secrets: readonly string[] }

/** Attempts to deliver an event once. Never throws. @param options `now` is milliseconds since the epoch */
export async function deliver(
  delivery: Delivery,
  options: { receiver: Receiver; now: number },
): Promise<DeliveryOutcome> {
  const { receiver, now } = options
  // AbortSignal.timeout cannot be cleared, and the number of timers of a Worker is limited.
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), TIMEOUT_MS)
  try {
    const request = await signedRequest(delivery, { receiver, timestamp: Math.floor(now / 1000) })
    const response = await fetch(receiver.url, { ...request, redirect: 'manual', signal: deadline.signal })
    await drain(response)
    return toOutcome(response, now)
  } catch (error) {
    return { kind: 'failed', retryAfterMs: 0, reason: error instanceof Error ? error.name : 'unknown' }
  } finally {
    clearTimeout(timer)
  }
}

async function signedRequest(delivery: Delivery, options: { receiver: Receiver; timestamp: number }) {
  const { receiver, timestamp } = options
  const body = webhookPayload(delivery)
  const signature = await signWebhook(body, { id: delivery.eventId, timestamp, secrets: receiver.secrets })
  const headers = {
    'Content-Type': 'application/json',
    'webhook-id': delivery.eventId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature,
  }
  return { method: 'POST', headers, body }
}

/** Reads a short response to its end, and cancels a long one. */
async function drain({ body }: Response): Promise<void> {
  if (body === null) return
  let read = 0
  for await (const chunk of body) {
    read += chunk.length
    if (read >= MOST_OF_RESPONSE) break
  }
}

function toOutcome(response: Response, now: number): DeliveryOutcome {
  if (response.ok) return { kind: 'delivered' }
  if (response.status === 410) return { kind: 'gone' }
  const retryAfterMs = parseRetryAfter(response.headers.get('Retry-After'), now)
  return { kind: 'failed', retryAfterMs, reason: `status ${response.status}` }
}

/** @see RFC 9110 §10.2.3 */
function parseRetryAfter(value: string | null, now: number): number {
  if (value === null) return 0
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) && ms > 0 ? ms : 0
}
