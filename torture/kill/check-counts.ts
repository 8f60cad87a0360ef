import { describeEntry, type Entry, isAcknowledged, isUnknown, overAt, problemOf, textsOf } from './history.ts'
import type { Life } from './lives.ts'

/**
 * What the answers alone must agree on: nothing that works once was accepted twice, a repeated `verify` brings the same
 * codes, and no wrong code went uncounted.
 */
export function countFaults(life: Life): readonly string[] {
  return [
    ...doubleFaults(life),
    ...repeatFaults(life),
    ...guessFaults(life),
    ...attemptFaults(life),
    ...pendingGuessFaults(life),
  ]
}

/**
 * A backup code, or a step of an authenticator. Whoever asks `verify` again with the same one is answered again, and a
 * setup while MFA is off looks at no proof.
 */
function doubleFaults({ entries, changes }: Life): readonly string[] {
  const wasOff = changes.some(({ entry }) => entry.operation === 'disable')
  const accepted = entries.filter((entry) => isAcknowledged(entry) && entry.operation !== 'verify' && entry.proof)
  const byProof = Map.groupBy(accepted, ({ proof }) => (proof?.kind === 'backup' ? proof.code : stepKey(proof)))
  return [...byProof.values()].flatMap((same) => {
    const [first, second] = same.filter((entry) => entry.operation !== 'setup' || !wasOff)
    return first && second ? [`accepted twice: ${describeEntry(first)}, ${describeEntry(second)}`] : []
  })
}

function stepKey(proof: Entry['proof']): string {
  return proof?.kind === 'code' ? `${proof.secret} ${proof.step}` : ''
}

function repeatFaults({ entries }: Life): readonly string[] {
  const enabled = entries.filter((entry) => entry.operation === 'verify' && isAcknowledged(entry))
  const bySecret = Map.groupBy(enabled, ({ proof }) => (proof?.kind === 'code' ? proof.secret : ''))
  return [...bySecret.values()].flatMap((same) => {
    const sets = new Set(same.map((entry) => textsOf(entry, 'backup_codes').join(' ')))
    return sets.size === 1 ? [] : [`${sets.size} sets of codes for one authenticator: ${same.map(describeEntry)}`]
  })
}

/** Wrong codes in a row since the last moment at which anything may have cleared them. */
function guessFaults(life: Life): readonly string[] {
  const { entries, rows, sub } = life
  if (!rows) return []
  const tries = entries.filter(({ operation, proof }) => operation !== 'verify' && proof?.kind === 'code')
  const clearedAt = latestEnd(entries.filter((entry) => entry.proof && mayHaveWon(entry, life)))
  const told = tries.filter((entry) => problemOf(entry) === 'invalid-code' && entry.startedAt > clearedAt)
  if (rows.failures < told.length)
    return [`${sub} was told of ${told.length} wrong codes, ${rows.failures} are counted`]
  return rows.failures > tries.length ? [`${sub} tried ${tries.length} codes, ${rows.failures} are counted`] : []
}

/**
 * Wrong codes since the last challenge, which a successful one reports. A right code takes its own charge back, and a
 * challenge beside it may have cleared that charge first, so only what began after both is sure to be counted.
 */
function attemptFaults(life: Life): readonly string[] {
  const { entries, rows, sub } = life
  if (!rows) return []
  const tries = entries.filter(({ operation, proof }) => operation !== 'verify' && proof?.kind === 'code')
  const lessens = (entry: Entry) => entry.operation === 'challenge' || tries.includes(entry)
  const clearedAt = latestEnd(entries.filter((entry) => entry.proof && lessens(entry) && mayHaveWon(entry, life)))
  const told = tries.filter((entry) => problemOf(entry) === 'invalid-code' && entry.startedAt > clearedAt)
  const { failedAttempts } = rows
  if (failedAttempts < told.length)
    return [`${sub} was told of ${told.length} wrong codes, ${failedAttempts} are kept for the next challenge`]
  if (failedAttempts > tries.length)
    return [`${sub} tried ${tries.length} codes, ${failedAttempts} are kept for the next challenge`]
  return []
}

/** Whether a request may have been done; what must leave events and left none was not. */
function mayHaveWon(entry: Entry, { changes }: Life): boolean {
  if (isAcknowledged(entry)) return true
  const leavesNone = entry.operation === 'setup' && entry.proof?.kind === 'code'
  return isUnknown(entry) && (leavesNone || changes.some((change) => change.entry.id === entry.id))
}

/** The same for a secret that waits for its first code. */
function pendingGuessFaults(life: Life): readonly string[] {
  const { entries, rows, sub } = life
  const [pending] = rows?.pending ?? []
  if (!pending) return []
  const madeAt = latestEnd(
    entries.filter((entry) => entry.operation === 'setup' && (isAcknowledged(entry) || isUnknown(entry))),
  )
  const told = entries.filter(
    (entry) => entry.operation === 'verify' && problemOf(entry) === 'invalid-code' && entry.startedAt > madeAt,
  )
  if (pending.attempts >= told.length) return []
  return [`${sub} was told of ${told.length} wrong codes at verify, ${pending.attempts} are counted`]
}

function latestEnd(entries: readonly Entry[]): number {
  return Math.max(Number.NEGATIVE_INFINITY, ...entries.map(overAt))
}
