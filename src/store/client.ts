import { createClient, type InStatement, LibsqlError, type ResultSet } from '@libsql/client/http'
import { Problem } from '../core/problems.ts'
import { unexpectedResult } from './rows.ts'
import type { BoundStatement } from './statement.ts'

/** Milliseconds that one call of the database may take. */
const CALL_TIMEOUT_MS = 2_000
/** Codes of SQLite and of the protocol for a defect of ours: asking again would not help. */
const DEFECT_CODES = /^(SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE)|SQL_INPUT|SQL_PARSE)/

/** Statements that run in order, by the name of their result; an array holds statements that return no rows. */
type Batch = Readonly<Record<string, BoundStatement<unknown> | readonly BoundStatement<never>[]>>

/** The rows of each statement of a batch. */
type Results<B extends Batch> = {
  readonly [Name in keyof B]: B[Name] extends BoundStatement<infer Row> ? readonly Row[] : readonly never[]
}

/** A libSQL database, for the length of one request. */
export type Database = {
  /** Runs a batch in one transaction that takes the write lock at once (BEGIN IMMEDIATE): one round trip, all or nothing. */
  readonly write: <const B extends Batch>(batch: B) => Promise<Results<B>>
  /** Runs a batch against one consistent state, in one round trip. */
  readonly read: <const B extends Batch>(batch: B) => Promise<Results<B>>
  /** Round trips so far. */
  readonly roundTrips: () => number
}

/**
 * Opens the database for one request; a client that requests share makes them wait for each other, which Workers cancels.
 * Every call ends by its deadline. A database that fails throws the problem `unavailable`.
 */
export function openDatabase(options: {
  readonly url: string
  readonly authToken: string | undefined
  /** When the request must be answered, in milliseconds since the epoch. */
  readonly deadlineAt: number
}): Database {
  const { url, authToken, deadlineAt } = options
  let roundTrips = 0

  async function fetchInTime(request: Request): Promise<Response> {
    roundTrips += 1
    const left = Math.max(Math.min(CALL_TIMEOUT_MS, deadlineAt - Date.now()), 1)
    return fetch(request, { signal: AbortSignal.timeout(left) })
  }

  const client = createClient({ url, fetch: fetchInTime, ...(authToken !== undefined && { authToken }) })

  async function run<const B extends Batch>(mode: 'read' | 'write', batch: B): Promise<Results<B>> {
    const statements = Object.values(batch).flat()
    const send = () => client.batch(statements.map(toInStatement), mode)
    try {
      // A batch that met a lock has done nothing, so it is sent once more. After any other error its outcome is unknown.
      return nameResults(
        batch,
        await send().catch((error: unknown) => (isBusy(error) ? send() : Promise.reject(error))),
      )
    } catch (error) {
      throw toProblem(error)
    }
  }

  return {
    write: (batch) => run('write', batch),
    read: (batch) => run('read', batch),
    roundTrips: () => roundTrips,
  }
}

function toInStatement({ sql, args }: BoundStatement<unknown>): InStatement {
  return { sql, args }
}

/** Gives each name of the batch the decoded rows of its statement. */
function nameResults<B extends Batch>(batch: B, results: readonly ResultSet[]): Results<B> {
  let next = 0
  const named = Object.entries(batch).map(([name, entry]) => {
    if (isList(entry)) {
      next += entry.length
      return [name, []]
    }
    const result = results[next] ?? unexpectedResult('number of results')
    next += 1
    return [name, result.rows.map((row) => entry.decode(row))]
  })
  return Object.fromEntries(named) as Results<B>
}

function isList(entry: Batch[string]): entry is readonly BoundStatement<never>[] {
  return Array.isArray(entry)
}

function isBusy(error: unknown): boolean {
  return error instanceof LibsqlError && error.code.startsWith('SQLITE_BUSY')
}

/** Defects of ours stay what they are; everything else is the database's failure. */
function toProblem(error: unknown): unknown {
  if (error instanceof Problem) return error
  const code = error instanceof LibsqlError ? error.code : undefined
  if (code !== undefined && DEFECT_CODES.test(code)) return error
  const reason = code ?? (error instanceof Error ? error.name : typeof error)
  return new Problem('unavailable', { retryAfterSeconds: 1, reason: `database: ${reason}`, cause: error })
}
