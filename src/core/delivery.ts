import type { Subject } from './subject.ts'

/** An event to deliver to the receiver of webhooks. */
export type Delivery = {
  /** The id of the event, the same in every attempt. */
  readonly eventId: string
  readonly type: string
  readonly at: number
  readonly sequence: number
  readonly subject: Subject
  readonly authenticatorId: string | null
  /** For a successful challenge the number of wrong TOTP codes before it, otherwise null. */
  readonly failedAttempts: number | null
  /** Failed attempts so far. */
  readonly attempts: number
  readonly createdAt: number
}

/** The result of one attempt at a delivery. With `gone` (410) the receiver asks for no further deliveries. */
export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly retryAfterMs: number; readonly reason: string }
