import { openSecret, sealSecret } from './authenticator.ts'
import { generateBackupCodes, hashBackupCodes, type StoredBackupCode } from './backup-codes.ts'
import { boundFields } from './bytes.ts'
import type { NewEvent } from './events.ts'
import { type Keyring, keyedHashes } from './keyring.ts'
import { OPERATIONS } from './operations.ts'
import { encodeSecret, otpauthUri } from './otpauth.ts'
import type { Random } from './random.ts'
import { openRepeat, REPEAT_MS, repeatMarks, sealRepeat } from './repeat.ts'
import { fail, ok, type Result } from './result.ts'
import type { Subject } from './subject.ts'
import {
  DRIFT_STEPS,
  matchingSteps,
  SECRET_BYTES,
  SKEW_HINT_STEPS,
  stepAt,
  stepsAround,
  TOTP_PARAMETERS,
  type TotpParameters,
} from './totp.ts'

/** How long a pending secret waits for its first code. */
export const PENDING_MS = 600_000
/** Codes that a pending secret takes before it is dropped. */
export const PENDING_ATTEMPTS = 10

/** A pending authenticator, ready to be stored. */
export type NewAuthenticator = {
  readonly id: string
  readonly name: string
  readonly sealed: string
  readonly keyId: string
  readonly parameters: TotpParameters
  readonly createdAt: number
  readonly expiresAt: number
}

/** A new pending authenticator, and what its owner is shown once: the secret and the URI that carries it. */
export async function createEnrollment(
  subject: Subject,
  options: {
    readonly name: string
    readonly issuer: string
    readonly account: string
    readonly now: number
    readonly keyring: Keyring
    readonly random: Random
  },
): Promise<{ authenticator: NewAuthenticator; secret: string; otpauthUri: string }> {
  const { name, issuer, account, now, keyring, random } = options
  const id = random.uuid()
  const secret = random.bytes(SECRET_BYTES)
  const parameters = TOTP_PARAMETERS
  const sealed = await sealSecret(secret, { identity: { subject, authenticatorId: id, parameters }, keyring, random })
  const [keyId] = keyring.keyIds
  const authenticator = { id, name, sealed, keyId, parameters, createdAt: now, expiresAt: now + PENDING_MS }
  return {
    authenticator,
    secret: encodeSecret(secret),
    otpauthUri: otpauthUri({ secret, issuer, account, parameters }),
  }
}

/** An attempt at a pending secret as it is recorded before anything is compared: when, and a keyed hash of what. */
export type EnrollmentAttempt = { readonly step: number; readonly codeHash: string }

/** What the store found when it charged an attempt at `verify`. */
export type EnrollmentSnapshot = {
  /** The pending authenticator that was charged, and all attempts at it, this one last. */
  readonly pending:
    | {
        readonly id: string
        readonly sealed: string
        readonly parameters: TotpParameters
        readonly attempts: readonly EnrollmentAttempt[]
      }
    | undefined
  /** Why none was charged; for the log. */
  readonly pendingFault: 'none' | 'expired' | 'exhausted' | 'superseded'
  /** The kept answer of an earlier `verify`; charged likewise, unless this is a right repeat. */
  readonly sealedRepeat: string | undefined
  readonly activeAuthenticators: number
}

/** Everything that a right code at `verify` changes, for one guarded batch. */
export type Activation = {
  readonly authenticatorId: string
  /** The enrolling step counts as used. */
  readonly step: number
  /** `enable` turns MFA on; else a further authenticator is added. */
  readonly operation: 'enable' | 'add-authenticator'
  readonly backupCodes: readonly StoredBackupCode[]
  readonly repeat: { readonly sealed: string; readonly mark: string; readonly expiresAt: number }
  readonly events: readonly NewEvent[]
  readonly now: number
}

/** The two ways in which `verify` succeeds. */
export type Verification =
  | { readonly kind: 'activate'; readonly backupCodes: readonly string[]; readonly activation: Activation }
  | { readonly kind: 'repeat'; readonly backupCodes: readonly string[]; readonly sealedRepeat: string }

/** The ways in which it does not; `reason` is for the log alone. */
export type VerificationFailure =
  | { readonly code: 'no-pending-enrollment'; readonly reason: string }
  | { readonly code: 'unavailable'; readonly reason: string }
  | {
      readonly code: 'invalid-code'
      readonly reason: 'wrong' | 'out-of-window' | 'hinted'
      readonly attemptsRemaining: number
      /** Seconds by which the phone is ahead (positive) or behind, where the code tells. */
      readonly clockSkewSeconds?: number
    }

/** One attempt at `verify`, and everything that judging it needs. */
export type VerificationRequest = {
  readonly subject: Subject
  /** Six ASCII digits. */
  readonly code: string
  readonly tokenHash: Uint8Array<ArrayBuffer>
  readonly now: number
  readonly keyring: Keyring
  readonly random: Random
}

/** How an attempt is recorded: one 64-bit step and a hash that needs our key to guess from. */
export async function enrollmentAttempt(request: VerificationRequest): Promise<EnrollmentAttempt> {
  const [codeHash] = await codeHashes(request)
  return { step: stepAt(request.now, TOTP_PARAMETERS.stepSeconds), codeHash }
}

/** The hash of a code under each key of the ring, as earlier attempts may have been recorded before a rotation. */
function codeHashes({ subject, code, keyring }: VerificationRequest): Promise<readonly [string, ...string[]]> {
  return keyedHashes(keyring, boundFields('attempt', [subject.issuer, subject.sub, code]))
}

/** Judges a code at `verify` that has been charged already. */
export async function decideVerification(
  snapshot: EnrollmentSnapshot,
  request: VerificationRequest,
): Promise<Result<Verification, VerificationFailure>> {
  const { sealedRepeat, pending } = snapshot
  const kept = sealedRepeat && (await openRepeat(sealedRepeat, { identity: request, keyring: request.keyring }))
  if (kept) return ok({ kind: 'repeat', backupCodes: kept, sealedRepeat })
  if (!pending) return fail({ code: 'no-pending-enrollment', reason: snapshot.pendingFault })

  const { subject, code, now, keyring } = request
  const { id: authenticatorId, parameters } = pending
  const secret = await openSecret(pending.sealed, { identity: { subject, authenticatorId, parameters }, keyring })
  if (!secret) return fail({ code: 'unavailable', reason: 'the pending secret cannot be opened' })

  const attemptsRemaining = PENDING_ATTEMPTS - pending.attempts.length
  const present = stepAt(now, parameters.stepSeconds)
  const [step] = (await matchingSteps(secret, { parameters, code, steps: stepsAround(present, DRIFT_STEPS) })).slice(-1)
  if (step === undefined) {
    const skew = await clockSkew(secret, { parameters, code, present })
    return fail({ code: 'invalid-code', attemptsRemaining, ...skew })
  }
  const isFirstAttempt = pending.attempts.length === 1
  if (!isFirstAttempt && wasHinted(step, { attempts: pending.attempts, hashes: await codeHashes(request) })) {
    return fail({ code: 'invalid-code', reason: 'hinted', attemptsRemaining })
  }
  const operation = snapshot.activeAuthenticators === 0 ? 'enable' : 'add-authenticator'
  return ok(await activate(authenticatorId, { step, operation, request }))
}

async function clockSkew(
  secret: Uint8Array<ArrayBuffer>,
  options: { parameters: TotpParameters; code: string; present: number },
): Promise<{ reason: 'wrong' } | { reason: 'out-of-window'; clockSkewSeconds: number }> {
  const { present, parameters } = options
  const steps = await matchingSteps(secret, { ...options, steps: stepsAround(present, SKEW_HINT_STEPS) })
  const [nearest] = steps.toSorted((a, b) => Math.abs(a - present) - Math.abs(b - present))
  if (nearest === undefined) return { reason: 'wrong' }
  return { reason: 'out-of-window', clockSkewSeconds: (nearest - present) * parameters.stepSeconds }
}

/**
 * Whether this code was tried when its step was out of reach: the answer then told how far, so the step must not
 * count now. The same code tried within reach was never judged (its answer was lost), and may be judged again.
 */
function wasHinted(
  step: number,
  tried: { attempts: readonly EnrollmentAttempt[]; hashes: readonly string[] },
): boolean {
  const same = tried.attempts.filter(({ codeHash }) => tried.hashes.includes(codeHash))
  return same.some((attempt) => Math.abs(step - attempt.step) > DRIFT_STEPS)
}

async function activate(
  authenticatorId: string,
  options: { step: number; operation: Activation['operation']; request: VerificationRequest },
): Promise<Verification> {
  const { step, operation, request } = options
  const { subject, keyring, random, now } = request
  const backupCodes = operation === 'enable' ? generateBackupCodes(random) : []
  const [stored, sealed, [mark]] = await Promise.all([
    hashBackupCodes(backupCodes, { subject, keyring }),
    sealRepeat(backupCodes, { identity: request, keyring, random }),
    repeatMarks(request, keyring),
  ])
  const events = [{ id: random.uuid(), type: OPERATIONS[operation].event, authenticatorId, factor: 'otp' as const }]
  const repeat = { sealed, mark, expiresAt: now + REPEAT_MS }
  return {
    kind: 'activate',
    backupCodes,
    activation: { authenticatorId, step, operation, backupCodes: stored, repeat, events, now },
  }
}
