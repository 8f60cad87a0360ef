/*
 * What clients asked and what they were told, as plain data for whoever judges it afterwards. Moments are milliseconds
 * since the epoch.
 */

/** What the service does for a subject. */
export type Operation = 'status' | 'setup' | 'verify' | 'challenge' | 'regenerate' | 'remove' | 'disable'

/** A code of an authenticator, of no step where it is a wrong one, or a backup code. */
export type Proof =
  | { readonly kind: 'code'; readonly secret: string; readonly step: number | undefined }
  | { readonly kind: 'backup'; readonly code: string }

/** What a client got for a request: the answer, nothing although it was sent, or no connection to send it on. */
export type Outcome =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The name of the problem, where it is one. */
      readonly problem: string | undefined
      readonly retryAfter: string | undefined
      readonly body: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'unsent' }

/** One request and its outcome. */
export type Entry = {
  /** The request's id, which the events of the service carry. */
  readonly id: string
  readonly sub: string
  readonly operation: Operation
  readonly proof: Proof | undefined
  /** The authenticator that is to be removed. */
  readonly target: string | undefined
  readonly startedAt: number
  readonly endedAt: number
  readonly outcome: Outcome
}

/** Milliseconds of a time step. */
export const STEP_MS = 30_000

/** Whether the client was told that it is done. */
export function isAcknowledged({ outcome }: Entry): boolean {
  return outcome.kind === 'answered' && outcome.status < 300
}

/** Whether nobody knows if it was done: no answer, or one that says so. */
export function isUnknown({ outcome }: Entry): boolean {
  return outcome.kind === 'unanswered' || (outcome.kind === 'answered' && outcome.status === 503)
}

/** The name of the problem that a request was answered with. */
export function problemOf({ outcome }: Entry): string | undefined {
  return outcome.kind === 'answered' ? outcome.problem : undefined
}

/** When it was over: a request without an answer may be done any time later. */
export function overAt(entry: Entry): number {
  return isUnknown(entry) ? Number.POSITIVE_INFINITY : entry.endedAt
}

/** A member of an answer that is a list of texts; empty where there is none. */
export function textsOf({ outcome }: Entry, member: string): readonly string[] {
  const value = outcome.kind === 'answered' ? outcome.body[member] : undefined
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** The secret that a setup handed out. */
export function secretOf({ outcome }: Entry): string | undefined {
  const secret = outcome.kind === 'answered' ? outcome.body['secret'] : undefined
  return typeof secret === 'string' ? secret : undefined
}

/** A request in the words of a complaint. */
export function describeEntry(entry: Entry): string {
  const { outcome, operation, sub, id } = entry
  const told = outcome.kind === 'answered' ? `${outcome.status} ${outcome.problem ?? ''}`.trim() : outcome.kind
  return `${operation} of ${sub} (${id}, ${told})`
}
