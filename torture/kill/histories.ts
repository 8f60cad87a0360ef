import type { Entry, Operation, Outcome, Proof } from './history.ts'
import type { Stored, SubjectRows } from './rows.ts'

/*
 * Made-up histories of one subject.
 */

const SUB = 'alice'
/** The secret of the only authenticator. */
export const SECRET = 'SECRET'
const STEP = 1_000
const AT = STEP * 30_000
/** The backup codes of the enrollment. */
export const CODES = Array.from({ length: 10 }, (_, index) => `code ${index}`)
/** Those of a later set. */
export const MORE_CODES = Array.from({ length: 10 }, (_, index) => `other code ${index}`)

/** A request, and the types of the events that it left. */
export type Told = { readonly entry: Entry; readonly types: readonly string[] }

/** A request that began so many seconds after the start and was answered 200 within a second, unless said otherwise. */
export function tell(
  at: number,
  asked: {
    operation: Operation
    proof?: Proof
    target?: string
    outcome?: Outcome
    types?: readonly string[]
  },
): Told {
  const { operation, proof, target, outcome = ok(), types = [] } = asked
  const startedAt = AT + at * 1_000
  const entry = {
    id: `request ${at}`,
    sub: SUB,
    operation,
    proof,
    target,
    startedAt,
    endedAt: startedAt + 500,
    outcome,
  }
  return { entry, types }
}

/** An answer with these members. */
export function ok(body: Readonly<Record<string, unknown>> = {}): Outcome {
  return { kind: 'answered', status: 200, problem: undefined, retryAfter: undefined, body }
}

/** A problem. */
export function refused(status: number, problem: string, retryAfter?: string): Outcome {
  return { kind: 'answered', status, problem, retryAfter, body: {} }
}

/** No answer. */
export const lost: Outcome = { kind: 'unanswered' }

/** The code so many steps from the start; a wrong one where there is no such number. */
export function step(distance: number | undefined): Proof {
  return { kind: 'code', secret: SECRET, step: distance === undefined ? undefined : STEP + distance }
}

/** A backup code, the first one unless said otherwise. */
export function backup(code = CODES[0] ?? ''): Proof {
  return { kind: 'backup', code }
}

/** What is stored after an enrollment and some more, unless said otherwise. */
export function store(told: readonly Told[], rows: Partial<SubjectRows> = {}): Stored {
  const flat = told.flatMap(({ entry, types }) => types.map((type) => ({ type, requestId: entry.id })))
  const events = flat.map((event, index) => ({ ...event, sequence: index + 1, authenticatorId: 'phone' }))
  const subject: SubjectRows = {
    enabled: true,
    generation: 1,
    eventSequence: events.length,
    failures: 0,
    failedAttempts: rows.failures ?? 0,
    active: [{ id: 'phone', lastStep: STEP + 1 }],
    pending: [],
    backupCodes: { total: 10, used: 0 },
    repeats: 1,
    events,
    keyUses: 1,
    ...rows,
  }
  return { subjects: new Map([[SUB, subject]]), orphans: 0 }
}
