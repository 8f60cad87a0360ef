import type { Entry } from './history.ts'
import type { Stored, StoredEvent, SubjectRows } from './rows.ts'

/** What a request did, as its events tell: one batch, one change. */
export type Change = { readonly entry: Entry; readonly events: readonly StoredEvent[] }

/** All that is known of one subject. */
export type Life = {
  readonly sub: string
  /** By when they began. */
  readonly entries: readonly Entry[]
  /** In the order in which they were done. */
  readonly changes: readonly Change[]
  /** Events of requests that nobody made. */
  readonly strays: readonly StoredEvent[]
  readonly rows: SubjectRows | undefined
}

/** Puts requests and rows together, subject by subject. */
export function livesOf(history: readonly Entry[], stored: Stored): readonly Life[] {
  const entries = Map.groupBy(history, ({ sub }) => sub)
  const subs = new Set([...entries.keys(), ...stored.subjects.keys()])
  return [...subs].map((sub) => toLife(sub, { entries: entries.get(sub) ?? [], rows: stored.subjects.get(sub) }))
}

function toLife(sub: string, found: { entries: readonly Entry[]; rows: SubjectRows | undefined }): Life {
  const { rows } = found
  const entries = found.entries.toSorted((a, b) => a.startedAt - b.startedAt)
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const groups = Map.groupBy(rows?.events.filter(isOfChange) ?? [], ({ requestId }) => requestId)
  const changes = [...groups].flatMap(([id, events]) => {
    const entry = byId.get(id)
    return entry === undefined ? [] : [{ entry, events }]
  })
  const strays = rows?.events.filter(({ requestId }) => !byId.has(requestId)) ?? []
  return { sub, entries, changes, strays, rows }
}

/** The throttle's events are written apart from what a request does. */
function isOfChange({ type }: StoredEvent): boolean {
  return !type.startsWith('throttle.')
}

/** The types of a change's events without what they say of the number of codes left. */
export function typesOf(change: Change | undefined): readonly string[] {
  const types = change?.events.map(({ type }) => type) ?? []
  return types.filter((type) => type !== 'backup_codes.low' && type !== 'backup_codes.exhausted')
}

/** Whether a change has an event of that type. */
export function did(change: Change, type: string): boolean {
  return change.events.some((event) => event.type === type)
}
