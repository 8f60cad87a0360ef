import { createClient, type InStatement, type InValue, LibsqlError, type Row } from '@libsql/client/http'
import { Problem } from '../core/problems.ts'

/** Milliseconds that one call of the database may take. */
const CALL_TIMEOUT_MS = 2_000
/** Errors of SQLite and of the protocol that mean a mistake of ours: asking again would not help. */
const OUR_FAULTS = /^(SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE)|SQL_INPUT|SQL_PARSE)/

/** SQL with named parameters (`:name`); its text never depends on a value. */
export type Statement = { readonly sql: string; readonly parameters: readonly string[] }

/** Values by parameter name; one object serves all statements of a batch, each takes what it names. */
export type Arguments = Readonly<Record<string, string | number | null>>

/** A libSQL database for the length of one request. */
export type Database = {
  /** Runs statements in one transaction that may write (BEGIN IMMEDIATE), in one round trip: all or none. */
  readonly write: (statements: readonly Statement[], args: Arguments) => Promise<readonly (readonly Row[])[]>
  /** Runs statements against one consistent state, in one round trip. */
  readonly read: (statements: readonly Statement[], args: Arguments) => Promise<readonly (readonly Row[])[]>
  /** Round trips made so far. */
  readonly roundTrips: () => number
}

/** 122 fresh random bits, by which a batch knows the row that it has won again. */
export function newClaim(): string {
  return crypto.randomUUID()
}

/** Names the parameters of a statement once, when the module loads. */
export function statement(sql: string): Statement {
  return { sql, parameters: [...new Set(sql.match(/(?<=:)[a-zA-Z]+/g))] }
}

/**
 * Opens the database for one request: a shared client would make requests wait for each other, which the runtime
 * forbids. Every call ends by its deadline; a database that fails in any way of its own is the problem `unavailable`.
 */
export function openDatabase(options: {
  readonly url: string
  readonly authToken: string | undefined
  /** When the request must be answered, in milliseconds since the epoch. */
  readonly deadlineAt: number
}): Database {
  let roundTrips = 0
  const client = createClient({ url: options.url, authToken: options.authToken ?? '', fetch: fetchInTime })

  async function fetchInTime(request: Request): Promise<Response> {
    roundTrips += 1
    const left = Math.max(Math.min(CALL_TIMEOUT_MS, options.deadlineAt - Date.now()), 1)
    return fetch(request, { signal: AbortSignal.timeout(left) })
  }

  async function batch(mode: 'read' | 'write', bound: InStatement[]) {
    const results = await client.batch(bound, mode).catch(async (error: unknown) => {
      // Nothing of a batch that met a lock was done, so it may be sent again; after anything else nobody knows.
      if (isBusy(error)) return client.batch(bound, mode)
      throw error
    })
    return results.map(({ rows }) => rows)
  }

  const run = (mode: 'read' | 'write') => async (statements: readonly Statement[], args: Arguments) => {
    const bound = statements.map((each) => ({ sql: each.sql, args: bind(each, args) }))
    return batch(mode, bound).catch(rethrow)
  }
  return { write: run('write'), read: run('read'), roundTrips: () => roundTrips }
}

/** Integers travel as integers: the client would send every number as REAL. */
function bind({ parameters }: Statement, args: Arguments): Record<string, InValue> {
  const entries = parameters.map((name): [string, InValue] => {
    const value = args[name]
    if (value === undefined) throw new Error(`no argument for :${name}`)
    return [name, typeof value === 'number' ? BigInt(value) : value]
  })
  return Object.fromEntries(entries)
}

function isBusy(error: unknown): boolean {
  return error instanceof LibsqlError && error.code.startsWith('SQLITE_BUSY')
}

function rethrow(error: unknown): never {
  if (error instanceof LibsqlError && OUR_FAULTS.test(error.code)) throw error
  const reason = error instanceof LibsqlError ? error.code : error instanceof Error ? error.name : typeof error
  throw new Problem('unavailable', { retryAfterSeconds: 1, reason: `database: ${reason}`, cause: error })
}
