import {
  describeEntry,
  type Entry,
  isAcknowledged,
  isUnknown,
  overAt,
  problemOf,
  STEP_MS,
  secretOf,
  textsOf,
} from './history.ts'
import { type Change, did, type Life } from './lives.ts'

const FREE_FAILURES = 5
const PENDING_ATTEMPTS = 10
const DRIFT_STEPS = 1
const CLOCKS_MS = 500

/** Every answer is one that the service may give: in an outage it says so, and it refuses nothing that is right. */
export function answerFaults(life: Life): readonly string[] {
  return life.entries.flatMap((entry) => {
    if (entry.outcome.kind !== 'answered') return []
    if (isAcknowledged(entry)) return [...staleFaults(entry, life), ...bareFaults(entry, life)]
    if (isUnknown(entry)) return outageFaults(entry)
    return isRight(entry, life) ? [] : [`${describeEntry(entry)} has no reason`]
  })
}

function outageFaults(entry: Entry): readonly string[] {
  const retryAfter = entry.outcome.kind === 'answered' ? entry.outcome.retryAfter : undefined
  const isProper = problemOf(entry) === 'unavailable' && /^[1-9][0-9]*$/.test(retryAfter ?? '')
  return isProper ? [] : [`${describeEntry(entry)} says Retry-After: ${retryAfter}`]
}

/** A status says `enabled` while MFA is surely on, and shows nothing that was not kept. */
function staleFaults(entry: Entry, life: Life): readonly string[] {
  if (entry.operation !== 'status' || entry.outcome.kind !== 'answered') return []
  const { enabled, authenticators } = entry.outcome.body
  const isStale = enabled === false && isSurelyOn(entry, life)
  const kept = life.changes.filter((change) => change.entry.startedAt < entry.endedAt).flatMap(({ events }) => events)
  const shown = Array.isArray(authenticators) ? authenticators : []
  const isPhantom = shown.some(({ id }) => !kept.some(({ authenticatorId }) => authenticatorId === id))
  return [
    ...(isStale ? [`${describeEntry(entry)} says off while it was on`] : []),
    ...(isPhantom ? [`${describeEntry(entry)} shows an authenticator that is lost`] : []),
  ]
}

/** While MFA is surely on, nothing is set up without a proof. */
function bareFaults(entry: Entry, life: Life): readonly string[] {
  const isBare = entry.operation === 'setup' && entry.proof === undefined && isSurelyOn(entry, life)
  return isBare ? [`${describeEntry(entry)} needed a proof`] : []
}

function isRight(entry: Entry, life: Life): boolean {
  const { changes } = life
  const before = (each: Entry) => each.id !== entry.id && each.startedAt < entry.endedAt
  const hasChange = (test: (change: Change) => boolean) => changes.some((each) => before(each.entry) && test(each))
  switch (problemOf(entry)) {
    case 'invalid-code':
      return isRightlyInvalid(entry, life)
    case 'no-pending-enrollment':
      return isRightlyNotPending(entry, life)
    case 'mfa-not-enabled':
      return !isSurelyOn(entry, life)
    case 'proof-required':
      return hasChange((change) => did(change, 'mfa.enabled'))
    case 'not-found':
      return hasChange((change) => change.entry.operation === 'disable' || change.entry.target === entry.target)
    case 'last-authenticator':
      return entry.operation === 'remove'
    case 'too-many-authenticators':
      return changes.filter((change) => did(change, 'authenticator.added')).length >= 4
    case 'too-many-attempts':
      return life.entries.filter((each) => before(each) && triesCode(each)).length >= FREE_FAILURES
    default:
      return false
  }
}

function triesCode({ operation, proof }: Entry): boolean {
  return operation !== 'verify' && proof?.kind === 'code'
}

function isRightlyInvalid(entry: Entry, life: Life): boolean {
  const { proof } = entry
  if (proof?.kind === 'backup') return isRightlyUsed(proof.code, { entry, life })
  if (proof?.kind !== 'code' || proof.step === undefined || !isInReach(proof.step, entry)) return true
  if (entry.operation === 'verify') return hasDisturber(entry, life)
  const { step = 0, secret } = proof
  if (!isSurelyActive(secret, { entry, life })) return true
  return life.entries.some(
    (each) =>
      each.id !== entry.id &&
      each.startedAt < entry.endedAt &&
      mayHaveHappened(each, life) &&
      (isRemoval(each) ||
        (each.proof?.kind === 'code' && each.proof.secret === secret && Number(each.proof.step) >= step)),
  )
}

/** Whether somebody was told before a request that the secret is an authenticator's. */
function isSurelyActive(secret: string, { entry, life }: { entry: Entry; life: Life }): boolean {
  return life.entries.some(
    (each) =>
      each.operation === 'verify' &&
      isAcknowledged(each) &&
      each.endedAt < entry.startedAt &&
      each.proof?.kind === 'code' &&
      each.proof.secret === secret,
  )
}

function isRemoval({ operation }: Entry): boolean {
  return operation === 'remove' || operation === 'disable'
}

/** Whether a backup code was nobody's, used, or of a set that was void by then. */
function isRightlyUsed(code: string, { entry, life }: { entry: Entry; life: Life }): boolean {
  const giver = life.entries.find((each) => textsOf(each, 'backup_codes').includes(code))
  if (!giver) return true
  const made = life.changes.findIndex((change) => change.entry.id === giver.id || isCopy(change.entry, giver))
  return life.changes.slice(made + 1).some(({ entry: each }) => {
    const voids = each.operation === 'regenerate' || each.operation === 'disable'
    const uses = each.proof?.kind === 'backup' && each.proof.code === code
    return each.id !== entry.id && each.startedAt < entry.endedAt && (voids || uses)
  })
}

function isCopy(one: Entry, other: Entry): boolean {
  const isVerify = one.operation === 'verify' && other.operation === 'verify'
  return (
    isVerify && one.proof?.kind === 'code' && other.proof?.kind === 'code' && one.proof.secret === other.proof.secret
  )
}

/** A step that is accepted at any moment between question and answer, though clocks may differ a little. */
function isInReach(step: number, { startedAt, endedAt }: Entry): boolean {
  return [startedAt - CLOCKS_MS, endedAt + CLOCKS_MS].every(
    (at) => Math.abs(Math.floor(at / STEP_MS) - step) <= DRIFT_STEPS,
  )
}

function isRightlyNotPending(entry: Entry, life: Life): boolean {
  const { proof } = entry
  const copies = life.entries.filter((each) => isCopy(each, entry) && each.startedAt < entry.endedAt)
  const isWrong = proof?.kind === 'code' && proof.step === undefined
  return isWrong || copies.length >= PENDING_ATTEMPTS || hasDisturber(entry, life)
}

/** Whether anything that voids a pending secret, or the kept answer of its `verify`, may have come between. */
function hasDisturber(entry: Entry, life: Life): boolean {
  const secret = entry.proof?.kind === 'code' ? entry.proof.secret : undefined
  const setup = life.entries.find((each) => secretOf(each) === secret)
  const from = setup?.startedAt ?? Number.NEGATIVE_INFINITY
  return life.entries.some((each) => {
    const isOther = each.id !== setup?.id && !isCopy(each, entry) && each.operation !== 'status'
    return isOther && each.startedAt < entry.endedAt && overAt(each) > from && mayHaveHappened(each, life)
  })
}

function mayHaveHappened(entry: Entry, { changes }: Life): boolean {
  if (isAcknowledged(entry)) return true
  return isUnknown(entry) && (entry.operation === 'setup' || changes.some((change) => change.entry.id === entry.id))
}

/** Whether MFA was on from before a request until after it, whatever was done when. */
function isSurelyOn({ startedAt, endedAt }: Entry, { changes }: Life): boolean {
  let onSince = Number.POSITIVE_INFINITY
  for (const { entry } of changes) {
    if (entry.operation === 'disable') {
      if (onSince < startedAt && entry.startedAt > endedAt) return true
      onSince = Number.POSITIVE_INFINITY
    } else onSince = Math.min(onSince, overAt(entry))
  }
  return onSince < startedAt
}
