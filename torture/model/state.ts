import { matchingStep, skewOf, stepAt } from './codes.ts'

/*
 * The state machine of one subject as the contract tells it, with nothing of how the service keeps it: plain data, real
 * codes, and one function for each thing that may be asked. Moments are milliseconds since the epoch.
 */

const STEP_MS = 30_000
const HOUR_MS = 3_600_000

/** What the service is expected to answer: the status, the problem's name, and the members that tell a state. */
export type Expected = {
  readonly outcome: string
  readonly attemptsRemaining?: number
  readonly clockSkewSeconds?: number
  readonly retryAfter?: number
  readonly backupCodes?: readonly string[]
  /** Wrong codes that a successful challenge reports. */
  readonly failedAttempts?: number
}

type Phone = { readonly id: string; readonly secret: string; lastStep: number }
type Pending = {
  readonly secret: string
  readonly expiresAt: number
  readonly generation: number
  readonly tried: { readonly code: string; readonly step: number }[]
}
type Repeat = {
  readonly code: string
  readonly token: string
  readonly backupCodes: readonly string[]
  readonly expiresAt: number
  misses: number
}

/** Everything that the contract lets one know of a subject. */
export type State = {
  now: number
  generation: number
  phones: Phone[]
  pending: Pending | undefined
  /** Backup codes of the present set that were not used. */
  backupCodes: Set<string>
  repeat: Repeat | undefined
  failures: number
  /** Wrong TOTP codes since the last successful challenge. */
  failedAttempts: number
  retryAt: number | undefined
  unlockedAt: number | undefined
}

/** A subject of whom nothing is known. */
export function newState(now: number): State {
  return {
    now,
    generation: 0,
    phones: [],
    pending: undefined,
    backupCodes: new Set(),
    repeat: undefined,
    failures: 0,
    failedAttempts: 0,
    retryAt: undefined,
    unlockedAt: undefined,
  }
}

/** What stands behind an operation that needs a proof. */
export type Operation = 'challenge' | 'setup' | 'regenerate' | 'disable' | { readonly remove: string }
/** A proof, as it is sent. */
export type Proof = { readonly code: string } | { readonly backup_code: string } | undefined

/** Whether there is a secret that waits for its first code. */
export function livePending(state: State): Pending | undefined {
  const { pending, now, generation } = state
  const isLive = pending && pending.expiresAt > now && pending.tried.length < 10 && pending.generation === generation
  return isLive ? pending : undefined
}

/** What the throttle does now. */
export function throttleOf({ now, failures, retryAt }: State): 'open' | 'waiting' | 'blocked' {
  if (failures >= 100) return 'blocked'
  return retryAt !== undefined && retryAt > now ? 'waiting' : 'open'
}

/** Judges a proof and uses it up; `200` where the operation may go on. */
export function prove(state: State, { operation, proof }: { operation: Operation; proof: Proof }): Expected {
  // Who sends no proof for a further authenticator is told that first, and of the limit when it comes to it.
  const isBare = operation === 'setup' && proof === undefined && state.phones.length > 0
  // A stored wait is never taken as further away than an hour, whatever the clock did: any code cuts it to that.
  const isCode = proof !== undefined && 'code' in proof
  if (isCode && state.retryAt !== undefined) state.retryAt = Math.min(state.retryAt, state.now + HOUR_MS)
  const lacks = isBare ? '403 proof-required' : precondition(state, operation)
  if (lacks) return { outcome: lacks }
  if (proof === undefined) return { outcome: '403 proof-required' }
  const judged = 'code' in proof ? proveByCode(state, proof.code) : proveByBackupCode(state, proof.backup_code)
  return operation === 'challenge' && judged.outcome === '200' ? reportFailedAttempts(state) : judged
}

/** A successful challenge reports the wrong codes before it, and the count begins anew. */
function reportFailedAttempts(state: State): Expected {
  const { failedAttempts } = state
  state.failedAttempts = 0
  return { outcome: '200', failedAttempts }
}

function precondition({ phones }: State, operation: Operation): string | undefined {
  if (phones.length === 0) return '409 mfa-not-enabled'
  if (operation === 'setup' && phones.length >= 5) return '409 too-many-authenticators'
  if (typeof operation === 'string') return undefined
  if (!phones.some(({ id }) => id === operation.remove)) return '404 not-found'
  return phones.length === 1 ? '409 last-authenticator' : undefined
}

function proveByCode(state: State, code: string): Expected {
  const { now } = state
  if (state.failures >= 100) return { outcome: '403 totp-blocked' }
  if (state.retryAt !== undefined && state.retryAt > now) {
    return { outcome: '429 too-many-attempts', retryAfter: Math.ceil((state.retryAt - now) / 1000) }
  }
  const matched = state.phones.flatMap((phone) => {
    const step = matchingStep(phone.secret, { code, now })
    return step !== undefined && step > phone.lastStep ? [{ phone, step }] : []
  })
  if (matched.length === 0) return fail(state)
  for (const { phone, step } of matched) phone.lastStep = step
  clearThrottle(state)
  return { outcome: '200' }
}

function fail(state: State): Expected {
  state.failures += 1
  state.failedAttempts += 1
  state.retryAt = state.failures < 5 ? undefined : state.now + Math.min(STEP_MS * 2 ** (state.failures - 5), HOUR_MS)
  return { outcome: '400 invalid-code', attemptsRemaining: Math.max(5 - state.failures, 0) }
}

function proveByBackupCode(state: State, code: string): Expected {
  if (!state.backupCodes.delete(code)) {
    return { outcome: '400 invalid-code', attemptsRemaining: Math.max(5 - state.failures, 0) }
  }
  state.repeat = undefined
  clearThrottle(state)
  return { outcome: '200' }
}

function clearThrottle(state: State): void {
  state.failures = 0
  state.retryAt = undefined
}

/** What a change of the factors does beside its own work. */
function change(state: State): void {
  state.generation += 1
  state.repeat = undefined
}

/** A pending secret was handed out. */
export function startPending(state: State, secret: string): void {
  state.pending = { secret, expiresAt: state.now + 600_000, generation: state.generation, tried: [] }
}

/** The old set is void. */
export function replaceBackupCodes(state: State, codes: readonly string[]): void {
  change(state)
  state.backupCodes = new Set(codes)
}

/** Nothing of the factors is left. */
export function turnOff(state: State): void {
  change(state)
  Object.assign(state, { phones: [], pending: undefined, backupCodes: new Set() })
}

/** One authenticator is gone. */
export function removePhone(state: State, id: string): void {
  change(state)
  state.phones = state.phones.filter((phone) => phone.id !== id)
}

/** Judges a code at `verify`; where it activates, {@link activate} must follow. */
export function verify(state: State, { code, token }: { code: string; token: string }): Expected {
  const { now } = state
  const step = stepAt(now)
  if (state.repeat && (state.repeat.expiresAt <= now || state.repeat.misses >= 5)) state.repeat = undefined
  const { repeat } = state
  const pending = livePending(state)
  if (repeat && repeat.code === code && repeat.token === token) {
    return { outcome: '200', backupCodes: repeat.backupCodes }
  }
  if (repeat) repeat.misses += 1
  if (!pending) return { outcome: '400 no-pending-enrollment' }
  pending.tried.push({ code, step })
  const attemptsRemaining = 10 - pending.tried.length
  const matched = matchingStep(pending.secret, { code, now })
  if (matched === undefined) {
    const skew = skewOf(pending.secret, { code, now })
    return { outcome: '400 invalid-code', attemptsRemaining, ...(skew !== undefined && { clockSkewSeconds: skew }) }
  }
  const wasHinted = pending.tried.some((each) => each.code === code && Math.abs(matched - each.step) > 1)
  return wasHinted ? { outcome: '400 invalid-code', attemptsRemaining } : { outcome: '200' }
}

/** The pending secret became an authenticator. */
export function activate(
  state: State,
  options: { id: string; code: string; token: string; backupCodes: readonly string[] },
): void {
  const { id, code, token, backupCodes } = options
  const { pending, now } = state
  if (!pending) throw new Error('there is nothing to activate')
  change(state)
  state.phones.push({ id, secret: pending.secret, lastStep: matchingStep(pending.secret, { code, now }) ?? 0 })
  for (const each of backupCodes) state.backupCodes.add(each)
  state.pending = undefined
  state.repeat = { code, token, backupCodes, expiresAt: now + 120_000, misses: 0 }
}

/** An administrator turns MFA off, or drops a pending secret that still takes codes. */
export function reset(state: State): Expected {
  if (state.phones.length === 0 && livePending(state) === undefined) return { outcome: '409 mfa-not-enabled' }
  turnOff(state)
  clearThrottle(state)
  return { outcome: '200' }
}

/** Drops the pending secret; says whether that is an event. */
export function cancelSetup(state: State): boolean {
  const isEvent = state.phones.length > 0 && state.pending !== undefined
  state.pending = undefined
  return isEvent
}

/** An administrator clears the throttle. */
export function unlock(state: State): Expected {
  const { now, unlockedAt } = state
  if (state.phones.length === 0) return { outcome: '409 mfa-not-enabled' }
  // The interval counts in both directions, since clocks differ.
  const isRecent = unlockedAt !== undefined && Math.abs(now - unlockedAt) < 24 * HOUR_MS
  if (isRecent) return { outcome: '409 unlocked-recently' }
  clearThrottle(state)
  state.unlockedAt = now
  return { outcome: '200' }
}
