import type { Host } from './host.ts'

/** What the parts of the settings share. */
export type Settings = {
  readonly host: Host
  /** Goes back to the overview, read afresh, with something to tell. */
  readonly home: (told?: string) => void
}
