import { openSecret } from './authenticator.ts'
import { backupCodeWarnings, type NewEvent, type RequestContext } from './events.ts'
import type { Keyring } from './keyring.ts'
import { eventsOf, type PreconditionFailure, type ProvenOperation, preconditionFailure } from './operations.ts'
import type { Random } from './random.ts'
import { fail, ok, type Result } from './result.ts'
import type { Subject } from './subject.ts'
import { BLOCKING_FAILURES, FREE_FAILURES, failuresLeft, throttleAt } from './throttle.ts'
import { DRIFT_STEPS, matchingSteps, stepAt, stepsAround, type TotpParameters } from './totp.ts'

/** What authorises an operation, and is used up by it. */
export type Proof =
  /** Six ASCII digits of an authenticator. */
  | { readonly kind: 'otp'; readonly code: string }
  /** The canonical symbols of a backup code. */
  | { readonly kind: 'backup_code'; readonly symbols: string }

/** An active authenticator as it is stored. */
export type StoredAuthenticator = {
  readonly id: string
  readonly sealed: string
  readonly parameters: TotpParameters
  readonly lastStep: number
}

/** What proofs are judged against. */
export type FactorState = {
  /** Wrong TOTP codes in a row. */
  readonly failures: number
  readonly retryAt: number | null
  readonly authenticators: readonly StoredAuthenticator[]
}

/** What the store found when it charged an attempt; `failures` counts the attempt where it was charged. */
export type ProofSnapshot = FactorState & {
  /** False where the operation cannot be done, or TOTP waits or is blocked: then nothing may be evaluated. */
  readonly charged: boolean
}

/** The step that a code matched, by authenticator: each of them advances. */
export type StepMatch = { readonly id: string; readonly step: number }

/** An operation that a proof is to authorise, and the request that it came with. */
export type ProofRequest = {
  readonly subject: Subject
  readonly operation: ProvenOperation
  readonly context: RequestContext
  readonly now: number
}

/** The part of a proof that is consumed: steps of authenticators, or the hashes that a backup code may have. */
export type ConsumedProof =
  | { readonly factor: 'otp'; readonly matches: readonly StepMatch[] }
  | { readonly factor: 'backup_code'; readonly hashes: readonly string[] }

/** An operation beside the proof that it consumes and the events that it leaves, for one guarded batch. */
export type ProofChange = ProofRequest & {
  readonly consumed: ConsumedProof
  readonly events: readonly NewEvent[]
  readonly keyIds: readonly string[]
}

/** Why a proof was not accepted; `reason` is for the log alone. */
export type ProofFailure =
  | PreconditionFailure
  | { readonly code: 'totp-blocked' }
  | { readonly code: 'too-many-attempts'; readonly retryAfterSeconds: number }
  | { readonly code: 'unavailable'; readonly reason: string }
  | {
      readonly code: 'invalid-code'
      readonly reason: 'wrong' | 'replayed' | 'overtaken'
      readonly attemptsRemaining: number
      /** The event that this failure makes, with the first wait and with the block. */
      readonly event?: 'throttle.started' | 'throttle.blocked'
    }

/**
 * Judges a TOTP code that has been charged already, against every active authenticator. One whose secret cannot be
 * opened is left out and named in `unopened`.
 */
export async function decideProof(
  snapshot: ProofSnapshot,
  request: {
    readonly subject: Subject
    readonly operation: ProvenOperation
    readonly code: string
    readonly now: number
    readonly keyring: Keyring
  },
): Promise<Result<{ readonly matches: readonly StepMatch[]; readonly unopened: readonly string[] }, ProofFailure>> {
  const precondition = preconditionFailure(request.operation, snapshot.authenticators)
  if (precondition) return fail(precondition)
  if (!snapshot.charged) return fail(throttleFailure(snapshot, request.now))

  const candidates = await Promise.all(snapshot.authenticators.map((each) => matchAuthenticator(each, request)))
  const opened = candidates.filter((each) => each !== undefined)
  if (opened.length === 0) return fail({ code: 'unavailable', reason: 'no authenticator can be opened' })
  const fresh = opened.flatMap(({ id, step, lastStep }) =>
    step !== undefined && step > lastStep ? [{ id, step }] : [],
  )
  if (fresh.length === 0) {
    const reason = opened.some(({ step }) => step !== undefined) ? 'replayed' : 'wrong'
    return fail(invalidCode(snapshot.failures, reason))
  }
  const unopened = snapshot.authenticators.filter((_, index) => candidates[index] === undefined).map(({ id }) => id)
  return ok({ matches: fresh, unopened })
}

/** Everything that an accepted proof changes. */
export function proofChange(
  request: ProofRequest,
  options: { readonly consumed: ConsumedProof; readonly keyring: Keyring; readonly random: Random },
): ProofChange {
  const { consumed, keyring, random } = options
  const authenticatorId = consumed.factor === 'otp' ? (consumed.matches[0]?.id ?? null) : null
  const warnings = consumed.factor === 'backup_code' ? backupCodeWarnings(random) : []
  const events = eventsOf(request.operation, { factor: consumed.factor, authenticatorId, random })
  return { ...request, consumed, events: [...events, ...warnings], keyIds: keyring.keyIds }
}

/** The failure of a code that is not accepted, when `failures` count it already. */
export function invalidCode(failures: number, reason: 'wrong' | 'replayed' | 'overtaken'): ProofFailure {
  const attemptsRemaining = failuresLeft(failures)
  if (failures === FREE_FAILURES + 1)
    return { code: 'invalid-code', reason, attemptsRemaining, event: 'throttle.started' }
  if (failures === BLOCKING_FAILURES)
    return { code: 'invalid-code', reason, attemptsRemaining, event: 'throttle.blocked' }
  return { code: 'invalid-code', reason, attemptsRemaining }
}

function throttleFailure(snapshot: ProofSnapshot, now: number): ProofFailure {
  const throttle = throttleAt(now, snapshot)
  switch (throttle.kind) {
    case 'blocked':
      return { code: 'totp-blocked' }
    case 'waiting':
      return { code: 'too-many-attempts', retryAfterSeconds: throttle.retryAfterSeconds }
    case 'open':
      return { code: 'unavailable', reason: 'an attempt that may be made was not charged' }
  }
}

/** The step that a code matches: the latest one, so that no second step with the same code is left. */
async function matchAuthenticator(
  authenticator: StoredAuthenticator,
  request: { readonly subject: Subject; readonly code: string; readonly now: number; readonly keyring: Keyring },
): Promise<{ id: string; lastStep: number; step: number | undefined } | undefined> {
  const { id, parameters, lastStep } = authenticator
  const identity = { subject: request.subject, authenticatorId: id, parameters }
  const secret = await openSecret(authenticator.sealed, { identity, keyring: request.keyring })
  if (!secret) return undefined
  const steps = stepsAround(stepAt(request.now, parameters.stepSeconds), DRIFT_STEPS)
  const matches = await matchingSteps(secret, { parameters, code: request.code, steps })
  return { id, lastStep, step: matches.at(-1) }
}
