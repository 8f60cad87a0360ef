import { describeEntry, type Entry, isAcknowledged, type Proof, textsOf } from './history.ts'
import { type Change, did, type Life } from './lives.ts'
import type { SubjectRows } from './rows.ts'

const SET = 10
const LOW = 3

type Phone = { readonly secret: string; lastStep: number }
type State = {
  readonly phones: Map<string, Phone>
  /** The codes of the present set; undefined where nobody was told. */
  codes: readonly string[] | undefined
  used: Set<string>
  isOn: boolean
  generation: number
}

/** Does a subject's changes again, one after the other: each could be done, and what is stored is where they lead. */
export function stateFaults(life: Life): readonly string[] {
  const state: State = { phones: new Map(), codes: undefined, used: new Set(), isOn: false, generation: 0 }
  const faults = life.changes.flatMap((change) =>
    doAgain(change, { state, life }).map((fault) => `${fault}: ${describeEntry(change.entry)}`),
  )
  const ends = life.rows ? rowFaults(life.rows, state) : state.isOn ? ['is gone'] : []
  return [...faults, ...ends.map((fault) => `${life.sub} ${fault}`)]
}

function doAgain(change: Change, { state, life }: { state: State; life: Life }): readonly string[] {
  const { entry } = change
  const faults = entry.operation === 'verify' ? [] : useProof(entry.proof, state)
  if (entry.operation !== 'verify' && !state.isOn) faults.push('done while MFA is off')
  faults.push(...takeEffect(change, { state, life }))
  const remaining = SET - state.used.size
  const isTold = did(change, 'backup_code.redeemed') && state.isOn
  const lack = remaining === 0 ? 'exhausted' : remaining === LOW ? 'low' : undefined
  for (const kind of ['exhausted', 'low']) {
    if (did(change, `backup_codes.${kind}`) !== (isTold && lack === kind)) faults.push(`backup_codes.${kind} is wrong`)
  }
  if (entry.operation === 'challenge' && isAcknowledged(entry) && toldRemaining(entry) !== remaining) {
    faults.push(`${remaining} backup codes were left, and ${toldRemaining(entry)} told`)
  }
  return faults
}

function useProof(proof: Proof | undefined, state: State): string[] {
  if (proof?.kind === 'backup') return useBackupCode(proof.code, state)
  if (proof?.kind !== 'code') return ['done without a proof']
  const phone = [...state.phones.values()].find(({ secret }) => secret === proof.secret)
  if (!phone) return ['a code of an authenticator that is not there was accepted']
  if (proof.step === undefined) return ['a wrong code was accepted']
  if (proof.step <= phone.lastStep) return ['a used step was accepted']
  phone.lastStep = proof.step
  return []
}

function useBackupCode(code: string, state: State): string[] {
  if (!state.codes?.includes(code)) return ['a backup code of another set was accepted']
  if (state.used.has(code)) return ['a used backup code was accepted']
  state.used.add(code)
  return []
}

function takeEffect(change: Change, { state, life }: { state: State; life: Life }): readonly string[] {
  const { entry } = change
  switch (entry.operation) {
    case 'verify':
      return activate(change, { state, life })
    case 'regenerate':
      state.generation += 1
      replaceCodes(state, codesOf(entry, life))
      return []
    case 'disable':
      state.generation += 1
      state.phones.clear()
      state.isOn = false
      replaceCodes(state, undefined)
      return []
    case 'remove':
      state.generation += 1
      return state.phones.delete(entry.target ?? '') && state.phones.size > 0 ? [] : ['removed what could not be']
    default:
      return []
  }
}

function activate(change: Change, { state, life }: { state: State; life: Life }): readonly string[] {
  const { entry, events } = change
  const { proof } = entry
  const id = events[0]?.authenticatorId ?? undefined
  if (proof?.kind !== 'code' || proof.step === undefined || id === undefined) return ['activated by a wrong code']
  const isKnown = [...state.phones.values()].some(({ secret }) => secret === proof.secret)
  const isFirst = did(change, 'mfa.enabled')
  const faults = [
    ...(isKnown ? ['activated twice'] : []),
    ...(isFirst === state.isOn ? ['turned on while on, or added while off'] : []),
  ]
  state.generation += 1
  state.phones.set(id, { secret: proof.secret, lastStep: proof.step })
  if (isFirst) replaceCodes(state, codesOf(entry, life))
  state.isOn = true
  return faults
}

function replaceCodes(state: State, codes: readonly string[] | undefined): void {
  state.codes = codes
  state.used = new Set()
}

/** The set that a change made, as far as any client was told. */
function codesOf(entry: Entry, life: Life): readonly string[] | undefined {
  const isCopy = (other: Entry) =>
    other.operation === 'verify' &&
    other.proof?.kind === 'code' &&
    entry.proof?.kind === 'code' &&
    other.proof.secret === entry.proof.secret
  const asked = entry.operation === 'verify' ? life.entries.filter(isCopy) : [entry]
  return asked.map((each) => textsOf(each, 'backup_codes')).find((codes) => codes.length > 0)
}

function toldRemaining({ outcome }: Entry): unknown {
  return outcome.kind === 'answered' ? outcome.body['backup_codes_remaining'] : undefined
}

/** Whether the rows belong together, and are what the changes made. */
function rowFaults(rows: SubjectRows, state: State): readonly string[] {
  const ids = rows.active.map(({ id }) => id)
  const { isOn, phones } = state
  const claims: readonly (readonly [boolean, string])[] = [
    [rows.enabled === isOn, `is ${rows.enabled ? 'on' : 'off'}, and was turned ${isOn ? 'on' : 'off'}`],
    [
      ids.length === phones.size && ids.every((id) => phones.has(id)),
      `has ${ids.length} of ${phones.size} authenticators`,
    ],
    [rows.active.every(({ id, lastStep }) => lastStep >= (phones.get(id)?.lastStep ?? 0)), 'has a step that went back'],
    [rows.backupCodes.total === (isOn ? SET : 0), `has ${rows.backupCodes.total} backup codes`],
    [rows.backupCodes.used === state.used.size, `has ${rows.backupCodes.used} of ${state.used.size} used codes`],
    [rows.generation === state.generation, `is of generation ${rows.generation}, not ${state.generation}`],
    [rows.pending.length <= 1, 'has more than one pending secret'],
    [isOn || rows.repeats === 0, 'keeps a repeat while MFA is off'],
    [rows.repeats <= 1, 'keeps more than one repeat'],
    [!isOn || rows.keyUses > 0, 'has no key use'],
    [(rows.events.at(-1)?.sequence ?? 0) <= rows.eventSequence, 'has events beyond its sequence'],
  ]
  return claims.flatMap(([holds, fault]) => (holds ? [] : [fault]))
}
