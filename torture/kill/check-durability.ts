import { describeEntry, type Entry, isAcknowledged, isUnknown, type Operation, overAt, type Proof } from './history.ts'
import { type Change, did, type Life, typesOf } from './lives.ts'

const OWN_EVENTS = {
  status: [''],
  setup: [''],
  verify: ['mfa.enabled', 'authenticator.added'],
  challenge: ['challenge.passed'],
  regenerate: ['backup_codes.regenerated'],
  remove: ['authenticator.removed'],
  disable: ['mfa.disabled'],
} satisfies Record<Operation, readonly string[]>

/**
 * What was acknowledged is there with each of its events, what was refused is not, and of what nobody was told there is
 * all or nothing; and what was over before something else began came before it.
 */
export function durabilityFaults(life: Life): readonly string[] {
  const changes = new Map(life.changes.map((change) => [change.entry.id, change]))
  return [
    ...life.strays.map(({ type, requestId }) => `${life.sub} has ${type} of a request ${requestId} that nobody made`),
    ...life.entries.flatMap((entry) => fateFaults(entry, { change: changes.get(entry.id), life })),
    ...life.changes.flatMap(numberFaults),
    ...orderFaults(life.changes),
  ]
}

function fateFaults(entry: Entry, { change, life }: { change: Change | undefined; life: Life }): readonly string[] {
  const types = typesOf(change).join(' ')
  if (isWhole(types, entry))
    return isAcknowledged(entry) || isUnknown(entry) ? [] : [`${describeEntry(entry)} was done`]
  if (types !== '') return [`${describeEntry(entry)} is half there: ${types}`]
  if (!isAcknowledged(entry) || leavesNothing(entry, life)) return []
  return [`${describeEntry(entry)} was acknowledged and is lost`]
}

function isWhole(types: string, entry: Entry): boolean {
  const proof = entry.operation !== 'verify' && entry.proof?.kind === 'backup' ? 'backup_code.redeemed ' : ''
  return types !== '' && OWN_EVENTS[entry.operation].some((own) => types === `${proof}${own}`.trim())
}

/** Whether an acknowledged request may have left no event. */
function leavesNothing(entry: Entry, life: Life): boolean {
  switch (entry.operation) {
    case 'status':
      return true
    case 'setup':
      // While MFA is off, a proof is beside the point.
      return (
        entry.proof?.kind !== 'backup' || life.changes.some((each) => mayPrecede(each, { entry, type: 'mfa.disabled' }))
      )
    case 'verify':
      // The repeat of one that was done.
      return life.changes.some((each) => each.entry.operation === 'verify' && isSame(each.entry.proof, entry.proof))
    default:
      return false
  }
}

function mayPrecede(change: Change, { entry, type }: { entry: Entry; type: string }): boolean {
  return did(change, type) && change.entry.startedAt < entry.endedAt
}

/** Whether both are the same code of the same authenticator. */
function isSame(one: Proof | undefined, other: Proof | undefined): boolean {
  return one?.kind === 'code' && other?.kind === 'code' && one.secret === other.secret && one.step === other.step
}

/** The events of one batch have numbers in a row. */
function numberFaults({ entry, events }: Change): readonly string[] {
  const [first] = events
  const isInRow = events.every(({ sequence }, index) => sequence === Number(first?.sequence) + index)
  return isInRow ? [] : [`the events of ${describeEntry(entry)} are apart`]
}

function orderFaults(changes: readonly Change[]): readonly string[] {
  let latest: Entry | undefined
  const faults: string[] = []
  for (const { entry } of changes) {
    if (latest && overAt(entry) < latest.startedAt) {
      faults.push(`${describeEntry(entry)} was over before ${describeEntry(latest)} began, and came after it`)
    }
    if (!latest || entry.startedAt > latest.startedAt) latest = entry
  }
  return faults
}
