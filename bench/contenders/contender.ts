import type { Settings } from '../../scripts/lib/settings.ts'

/** What is measured, each with a person of its own who comes for the first time. */
export const CASES = [
  'setup',
  'verify',
  'verify-wrong',
  'challenge',
  'challenge-backup-code',
  'regenerate',
  'status',
  'bad-token',
] as const
export type Case = (typeof CASES)[number]

/** A request to a contender, and the status that tells that it was answered as it should be. */
export type Exchange = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly expects: number
}

/** Sends a request; the answer is that of a contender that did what was expected of it, or an error. */
export type Send = (exchange: Exchange) => Promise<{ readonly headers: Headers; readonly text: string }>

/** Somebody who does the same work, as a Worker beside a libSQL database. */
export type Contender = {
  readonly name: string
  /** The Worker as it would be deployed: one module, minified. */
  readonly script: string
  readonly compatibilityFlags: readonly string[]
  /** Whether a request that it fails is left out, instead of ending the benchmark: for code that is not ours to mend. */
  readonly mayFail: boolean
  /** Its settings, for an address of its own and one of its database. */
  readonly settings: (addresses: { readonly url: string; readonly databaseUrl: string }) => Settings
  /** Makes its tables in an empty database. */
  readonly migrate: (databaseUrl: string) => Promise<void>
  /**
   * Does all that comes before a case, for the person of this number, and answers the request to be measured;
   * undefined where the contender has no such case. Numbers come once.
   */
  readonly prepare: (
    wanted: Case,
    given: { readonly person: number; readonly url: string; readonly send: Send },
  ) => Promise<Exchange | undefined>
}
