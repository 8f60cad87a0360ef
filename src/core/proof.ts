import { openSecret } from './authenticator.ts'
import { backupCodeWarning, type NewEvent, type RequestContext } from './events.ts'
import type { Keyring } from './keyring.ts'
import { eventsOf, type PreconditionFailure, type ProvenOperation, preconditionFailure } from './operations.ts'
import type { Random } from './random.ts'
import { fail, ok, type Result } from './result.ts'
import type { Subject } from './subject.ts'
import { BLOCKING_FAILURES, FREE_FAILURES, failuresLeft, throttleAt } from './throttle.ts'
import { DRIFT_STEPS, matchingSteps, stepAt, stepsAround, type TotpParameters } from './totp.ts'

/** The code that authorises an operation, which consumes it. */
export type Proof =
  /** A TOTP code: six ASCII digits. */
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

/** The state that a proof is evaluated against. */
export type FactorState = {
  /** Wrong TOTP codes in a row. */
  readonly failures: number
  readonly retryAt: number | null
  readonly authenticators: readonly StoredAuthenticator[]
}

/** The state that the store returns for an attempt. If the attempt was charged, `failures` includes it. */
export type ProofSnapshot = FactorState & {
  /** False when the operation is not possible, or TOTP must wait or is blocked. The code must then not be evaluated. */
  readonly charged: boolean
}

/** An authenticator and the time step of the code that it matched, which becomes its last step. */
export type StepMatch = { readonly id: string; readonly step: number }

/** An operation that needs a proof, and the request that asked for it. */
export type ProofRequest = {
  readonly subject: Subject
  readonly operation: ProvenOperation
  readonly context: RequestContext
  readonly now: number
}

/** The part of a proof that is consumed: time steps of authenticators, or the possible hashes of a backup code. */
export type ConsumedProof =
  | { readonly factor: 'otp'; readonly matches: readonly StepMatch[] }
  | { readonly factor: 'backup_code'; readonly hashes: readonly string[] }

/** An operation, the proof that it consumes and its events, for one batch. */
export type ProofChange = ProofRequest & {
  readonly consumed: ConsumedProof
  readonly events: readonly NewEvent[]
  readonly keyIds: readonly string[]
}

/** Why a proof was not accepted. `reason` is only logged. */
export type ProofFailure =
  | PreconditionFailure
  | { readonly code: 'totp-blocked' }
  | { readonly code: 'too-many-attempts'; readonly retryAfterSeconds: number }
  | { readonly code: 'unavailable'; readonly reason: string }
  | {
      readonly code: 'invalid-code'
      readonly reason: 'wrong' | 'replayed' | 'overtaken'
      readonly attemptsRemaining: number
      /** The event of this failure, if it starts the first wait or the block. */
      readonly event?: 'throttle.started' | 'throttle.blocked'
    }

/**
 * Evaluates a TOTP code against every active authenticator, after the attempt was charged. Authenticators whose secret
 * cannot be opened are skipped and listed in `unopened`.
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

/** Returns everything that an accepted proof changes. */
export function proofChange(
  request: ProofRequest,
  options: { readonly consumed: ConsumedProof; readonly keyring: Keyring; readonly random: Random },
): ProofChange {
  const { consumed, keyring, random } = options
  const authenticatorId = consumed.factor === 'otp' ? (consumed.matches[0]?.id ?? null) : null
  const warnings = consumed.factor === 'backup_code' ? [backupCodeWarning(random)] : []
  const events = eventsOf(request.operation, { factor: consumed.factor, authenticatorId, random })
  return { ...request, consumed, events: [...events, ...warnings], keyIds: keyring.keyIds }
}

/** Returns the failure for a code that is not accepted. @param failures wrong codes in a row, including this one */
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

/** Finds the latest time step that a code matches, so that no later step with the same code remains usable. */
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
