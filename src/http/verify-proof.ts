import type { Context } from 'hono'
import { backupCodeCandidates } from '../core/backup-codes.ts'
import type { Factor } from '../core/events.ts'
import { type ProvenOperation, preconditionFailure } from '../core/operations.ts'
import { Problem } from '../core/problems.ts'
import {
  type ConsumedProof,
  decideProof,
  invalidCode,
  type Proof,
  type ProofFailure,
  type ProofRequest,
  type ProofSnapshot,
  proofChange,
} from '../core/proof.ts'
import type { Subject } from '../core/subject.ts'
import { requestContext } from './context.ts'
import type { HttpEnv } from './env.ts'
import { tooManyAttempts } from './problem.ts'

/** The result of an operation that a proof authorised. */
export type Proven = {
  readonly factor: Factor
  readonly backupCodesRemaining: number
  /** Wrong TOTP codes since the last successful challenge. */
  readonly failedAttempts: number
}

/**
 * Verifies a proof, then consumes it and performs the operation in one batch. A TOTP code takes two round trips, of
 * which the first counts the attempt. A backup code has too much entropy to be guessed and takes one. Throws a problem
 * when the proof is missing or not accepted, or the operation is not possible.
 */
export async function verifyProof(
  c: Context<HttpEnv>,
  given: {
    readonly subject: Subject
    /** The `sub` of a service that acts for the subject. */
    readonly service?: string | undefined
    readonly proof: Proof | undefined
    readonly operation: ProvenOperation
    readonly now: number
  },
): Promise<Proven> {
  const { subject, service, proof, operation, now } = given
  const request = { subject, operation, now, context: requestContext(c, service) }
  switch (proof?.kind) {
    case 'otp':
      return verifyCode(c, { ...request, code: proof.code })
    case 'backup_code':
      return redeemBackupCode(c, { ...request, symbols: proof.symbols })
    case undefined:
      throw await missingProof(c, request)
  }
}

async function verifyCode(c: Context<HttpEnv>, request: ProofRequest & { readonly code: string }): Promise<Proven> {
  const { store, keyring } = c.env
  const snapshot = await store.chargeProof(request)
  const decision = await decideProof(snapshot, { ...request, keyring })
  if (!decision.ok) {
    await settleFailure(c, { request, snapshot, failure: decision.failure })
    throw toProblem(decision.failure)
  }
  const { matches, unopened } = decision.value
  if (unopened.length > 0) c.set('warning', `cannot be opened: ${unopened.join(', ')}`)
  return commit(c, { request, consumed: { factor: 'otp', matches } })
}

async function redeemBackupCode(
  c: Context<HttpEnv>,
  request: ProofRequest & { readonly symbols: string },
): Promise<Proven> {
  const { subject, symbols } = request
  const candidates = await backupCodeCandidates(symbols, { subject, keyring: c.env.keyring })
  return commit(c, { request, consumed: { factor: 'backup_code', hashes: candidates.map(({ hash }) => hash) } })
}

async function commit(
  c: Context<HttpEnv>,
  accepted: { readonly request: ProofRequest; readonly consumed: ConsumedProof },
): Promise<Proven> {
  const { store, keyring, random } = c.env
  const { request, consumed } = accepted
  const outcome = await store.commitProof(proofChange(request, { consumed, keyring, random }))
  const { factor } = consumed
  if (outcome.committed) return { ...outcome, factor }
  const { authenticators, failures } = outcome.state
  const reason = factor === 'otp' ? 'overtaken' : 'wrong'
  throw toProblem(preconditionFailure(request.operation, authenticators) ?? invalidCode(failures, reason))
}

/** Returns the problem of a request without a proof. That the operation is not possible takes precedence. */
async function missingProof(c: Context<HttpEnv>, { subject, operation, now }: ProofRequest): Promise<Problem> {
  const { store, keyring } = c.env
  const { authenticators } = await store.readStatus(subject, { now, keyIds: keyring.keyIds })
  const failure = preconditionFailure(operation, authenticators)
  return failure ? toProblem(failure) : new Problem('proof-required')
}

/** Records the first wait and the block as events. Refunds an attempt that could not be evaluated. */
async function settleFailure(
  c: Context<HttpEnv>,
  failed: { readonly request: ProofRequest; readonly snapshot: ProofSnapshot; readonly failure: ProofFailure },
): Promise<void> {
  const { request, snapshot, failure } = failed
  if (failure.code === 'unavailable' && snapshot.charged) await c.env.store.refundProof(request)
  if (failure.code !== 'invalid-code' || failure.event === undefined) return
  const event = { id: c.env.random.uuid(), type: failure.event, factor: 'otp', authenticatorId: null } as const
  await c.env.store.recordThrottle(request.subject, { event, context: request.context, now: request.now })
}

function toProblem(failure: ProofFailure): Problem {
  switch (failure.code) {
    case 'invalid-code': {
      const { reason, attemptsRemaining } = failure
      return new Problem('invalid-code', { reason, members: { attemptsRemaining } })
    }
    case 'too-many-attempts':
      return tooManyAttempts(failure.retryAfterSeconds)
    case 'unavailable':
      return new Problem('unavailable', { reason: failure.reason, retryAfterSeconds: 60 })
    default:
      return new Problem(failure.code)
  }
}
