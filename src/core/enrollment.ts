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

/** Milliseconds until a pending secret expires. */
export const PENDING_MS = 600_000
/** The number of attempts after which a pending secret is void. */
export const PENDING_ATTEMPTS = 10

/** A pending authenticator to store. */
export type NewAuthenticator = {
  readonly id: string
  readonly name: string
  readonly sealed: string
  readonly keyId: string
  readonly parameters: TotpParameters
  readonly createdAt: number
  readonly expiresAt: number
}

/** Creates a pending authenticator. Also returns what its owner is shown once: the secret and its Key URI. */
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

/** An attempt at `verify` as it is recorded before its evaluation: the time step and a keyed hash of the code. */
export type EnrollmentAttempt = { readonly step: number; readonly codeHash: string }

/** The state that the store returns when it has charged an attempt at `verify`. */
export type EnrollmentSnapshot = {
  /** The pending authenticator that was charged, with all its attempts; the last one is this one. */
  readonly pending:
    | {
        readonly id: string
        readonly sealed: string
        readonly parameters: TotpParameters
        readonly attempts: readonly EnrollmentAttempt[]
      }
    | undefined
  /** Why no pending authenticator was charged; only logged. */
  readonly pendingFault: 'none' | 'expired' | 'exhausted' | 'superseded'
  /** The kept response of an earlier `verify`. It is charged too, unless this request is a matching repeat. */
  readonly sealedRepeat: string | undefined
  readonly activeAuthenticators: number
}

/** Everything that a valid code at `verify` changes, in one batch. */
export type Activation = {
  readonly authenticatorId: string
  /** The time step of the code, which is used from now on. */
  readonly step: number
  /** `enable` turns MFA on, `add-authenticator` adds one to it. */
  readonly operation: 'enable' | 'add-authenticator'
  readonly backupCodes: readonly StoredBackupCode[]
  readonly repeat: { readonly sealed: string; readonly mark: string; readonly expiresAt: number }
  readonly events: readonly NewEvent[]
  readonly now: number
}

/** The two results of a successful `verify`. */
export type Verification =
  | { readonly kind: 'activate'; readonly backupCodes: readonly string[]; readonly activation: Activation }
  | { readonly kind: 'repeat'; readonly backupCodes: readonly string[]; readonly sealedRepeat: string }

/** The failures of `verify`. `reason` is only logged. */
export type VerificationFailure =
  | { readonly code: 'no-pending-enrollment'; readonly reason: string }
  | { readonly code: 'unavailable'; readonly reason: string }
  | {
      readonly code: 'invalid-code'
      readonly reason: 'wrong' | 'out-of-window' | 'hinted'
      readonly attemptsRemaining: number
      /** Seconds by which the clock of the phone is ahead (positive) or behind, if the code matches a nearby step. */
      readonly clockSkewSeconds?: number
    }

/** An attempt at `verify`, and what its evaluation needs. */
export type VerificationRequest = {
  readonly subject: Subject
  /** Six ASCII digits. */
  readonly code: string
  readonly tokenHash: Uint8Array<ArrayBuffer>
  readonly now: number
  readonly keyring: Keyring
  readonly random: Random
}

/** Returns the record of an attempt. Its hash is keyed, so that the database does not reveal the code. */
export async function enrollmentAttempt(request: VerificationRequest): Promise<EnrollmentAttempt> {
  const [codeHash] = await codeHashes(request)
  return { step: stepAt(request.now, TOTP_PARAMETERS.stepSeconds), codeHash }
}

/** Hashes the code under each key of the ring, since earlier attempts may have been recorded before a key rotation. */
function codeHashes({ subject, code, keyring }: VerificationRequest): Promise<readonly [string, ...string[]]> {
  return keyedHashes(keyring, boundFields('attempt', [subject.issuer, subject.sub, code]))
}

/** Evaluates a code at `verify`, after the attempt was charged. */
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
 * Returns whether an earlier attempt had the same code while its step was outside the window. Its response revealed the
 * clock skew, so this step is no longer accepted. An earlier attempt inside the window does not count: a valid code whose
 * request failed before the commit may be sent again.
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
