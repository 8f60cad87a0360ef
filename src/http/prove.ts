import type { Context } from 'hono'
import { backupCodeCandidates } from '../core/backup-codes.ts'
import type { MfaEvent } from '../core/events.ts'
import { eventsOf, type ProvenOperation } from '../core/operations.ts'
import { Problem } from '../core/problems.ts'
import { decideProof, invalidCode, type Proof, type ProofFailure, preconditionFailure } from '../core/proof.ts'
import type { Services } from '../services.ts'
import { requestContext } from './context.ts'
import type { HttpEnv } from './env.ts'
import { tooManyAttempts } from './problem.ts'

/** What an operation left behind. */
export type Proven = { readonly backupCodesRemaining: number }

type Change = Parameters<Services['store']['commitProven']>[1]
type Use = Change['use']

/**
 * Does an operation that a proof authorises, and uses the proof up with it, in one batch. A TOTP code takes two round
 * trips, the first to count the attempt; a backup code cannot be guessed and takes one. Throws a problem otherwise.
 */
export async function prove(
  c: Context<HttpEnv>,
  options: { readonly proof: Proof | undefined; readonly operation: ProvenOperation; readonly now: number },
): Promise<Proven> {
  const { proof, operation, now } = options
  switch (proof?.kind) {
    case 'otp':
      return proveByCode(c, { code: proof.code, operation, now })
    case 'backup_code':
      return proveByBackupCode(c, { symbols: proof.symbols, operation, now })
    case undefined:
      return refuse(c, { operation, now })
  }
}

async function proveByCode(
  c: Context<HttpEnv>,
  options: { code: string; operation: ProvenOperation; now: number },
): Promise<Proven> {
  const { store, keyring } = c.env
  const { subject } = c.get('accessToken')
  const { operation, now } = options
  const snapshot = await store.chargeProof(subject, { operation, now })
  const decision = await decideProof(snapshot, { ...options, subject, keyring })
  if (!decision.ok) throw await recordFailure(c, { failure: decision.failure, now })
  const { matches, unopened } = decision.value
  if (unopened.length > 0) c.set('warning', `cannot be opened: ${unopened.join(', ')}`)
  const outcome = await store.commitProven(subject, change(c, { use: { factor: 'otp', matches }, operation, now }))
  if (outcome.won) return outcome
  const overtaken = preconditionFailure(operation, outcome.snapshot.authenticators)
  throw toProblem(overtaken ?? invalidCode(outcome.snapshot.failures, 'overtaken'))
}

async function proveByBackupCode(
  c: Context<HttpEnv>,
  options: { symbols: string; operation: ProvenOperation; now: number },
): Promise<Proven> {
  const { store, keyring } = c.env
  const { subject } = c.get('accessToken')
  const { symbols, operation, now } = options
  const candidates = await backupCodeCandidates(symbols, { subject, keyring })
  const use: Use = { factor: 'backup_code', hashes: candidates.map(({ hash }) => hash) }
  const outcome = await store.commitProven(subject, change(c, { use, operation, now }))
  if (outcome.won) return outcome
  const { authenticators, failures } = outcome.snapshot
  throw toProblem(preconditionFailure(operation, authenticators) ?? invalidCode(failures, 'wrong'))
}

/** Says what an operation without a proof lacks: the proof, unless it could not be done with one either. */
async function refuse(c: Context<HttpEnv>, options: { operation: ProvenOperation; now: number }): Promise<never> {
  const { store, keyring } = c.env
  const { authenticators } = await store.readStatus(c.get('accessToken').subject, {
    now: options.now,
    keyIds: keyring.keyIds,
  })
  const failure = preconditionFailure(options.operation, authenticators)
  throw failure ? toProblem(failure) : new Problem('proof-required')
}

function change(c: Context<HttpEnv>, options: { use: Use; operation: ProvenOperation; now: number }): Change {
  const { random, keyring } = c.env
  const { use, operation, now } = options
  const authenticatorId = use.factor === 'otp' ? (use.matches[0]?.id ?? null) : null
  const events = eventsOf(operation, { factor: use.factor, authenticatorId, random })
  return { operation, use, events, lowEventId: random.uuid(), context: requestContext(c), keyIds: keyring.keyIds, now }
}

/** The first wait and the block are events; a single wrong code is none. */
async function recordFailure(c: Context<HttpEnv>, options: { failure: ProofFailure; now: number }): Promise<Problem> {
  const { failure, now } = options
  if (failure.code === 'invalid-code' && failure.event) {
    const event: MfaEvent = { id: c.env.random.uuid(), type: failure.event, factor: 'otp', authenticatorId: null }
    await c.env.store.recordThrottle(c.get('accessToken').subject, { event, context: requestContext(c), now })
  }
  return toProblem(failure)
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
