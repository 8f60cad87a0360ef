import type { Subject } from './subject.ts'

/** An event on its way to the receiver. */
export type Delivery = {
  /** The event's id, the same over all tries. */
  readonly eventId: string
  readonly type: string
  readonly at: number
  readonly sequence: number
  readonly subject: Subject
  readonly authenticatorId: string | null
  /** Of a successful challenge: the wrong TOTP codes before it; else null. */
  readonly failedAttempts: number | null
  /** Tries that failed so far. */
  readonly attempts: number
  readonly createdAt: number
}
