import { BatchCond, type HttpClient, openHttp, ResponseError, Stmt, type Value } from '@libsql/hrana-client'
import { Problem } from '../core/problems.ts'

/** Milliseconds that one call of the database may take. */
const CALL_TIMEOUT_MS = 2_000
/** Errors of SQLite and of the protocol that mean a mistake of ours: asking again would not help. */
const OUR_FAULTS = /^(SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE)|SQL_INPUT|SQL_PARSE)/

/** How a transaction begins: one that may write takes its lock at once, so that it never has to wait with half its work done. */
const BEGIN = { read: 'BEGIN TRANSACTION READONLY', write: 'BEGIN IMMEDIATE' }

/** SQL with named parameters (`:name`); its text never depends on a value. */
export type Statement = { readonly sql: string; readonly parameters: readonly string[] }

type Mode = keyof typeof BEGIN

/** Values by parameter name; one object serves all statements of a batch, each takes what it names. */
export type Arguments = Readonly<Record<string, string | number | null>>

/** A row by the names of its columns. */
export type Row = Readonly<Record<string, Value | undefined>>

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

/** Names the parameters of a statement once, when the module loads; its lines and their indentation stay here. */
export function statement(text: string): Statement {
  const sql = text.replaceAll(/\s+/g, ' ').trim()
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
  const client = openHttp(toHttps(options.url), options.authToken, fetchInTime)

  async function fetchInTime(request: Request): Promise<Response> {
    roundTrips += 1
    const left = Math.max(Math.min(CALL_TIMEOUT_MS, options.deadlineAt - Date.now()), 1)
    return fetch(request, { signal: AbortSignal.timeout(left) })
  }

  async function batch(mode: Mode, statements: readonly Stmt[]) {
    return transact(client, mode, statements).catch(async (error: unknown) => {
      // Nothing of a batch that met a lock was done, so it may be sent again; after anything else nobody knows.
      if (isBusy(error)) return transact(client, mode, statements)
      throw error
    })
  }

  const run = (mode: Mode) => async (statements: readonly Statement[], args: Arguments) => {
    const bound = statements.map((each) => bind(each, args))
    return batch(mode, bound).catch(rethrow)
  }
  return { write: run('write'), read: run('read'), roundTrips: () => roundTrips }
}

/** One transaction in one request: each step waits for the one before, and whatever is not committed is undone. */
async function transact(client: HttpClient, mode: Mode, statements: readonly Stmt[]): Promise<readonly Row[][]> {
  const stream = client.openStream()
  const batch = stream.batch()
  let last = batch.step()
  const begun = last.run(BEGIN[mode])
  const after = () => {
    last = batch.step().condition(BatchCond.ok(last))
    return last
  }
  const answers = statements.map((each) => after().query(each))
  const committed = after().run('COMMIT')
  const otherwise = batch.step().condition(BatchCond.not(BatchCond.ok(last)))
  // Without a transaction there is none to undo.
  otherwise.run('ROLLBACK').catch(() => undefined)
  const sent = batch.execute()
  // Queued, so that it goes along in the same request.
  stream.closeGracefully()
  await sent
  const [, , ...found] = await Promise.all([begun, committed, ...answers])
  return found.map((answer) => {
    if (answer === undefined) throw new Error('a step was left out')
    return answer.rows
  })
}

/** Integers travel as integers: the client would send every number as REAL. */
function bind({ sql, parameters }: Statement, args: Arguments): Stmt {
  const bound = new Stmt(sql)
  for (const name of parameters) {
    const value = args[name]
    if (value === undefined) throw new Error(`no argument for :${name}`)
    bound.bindName(name, typeof value === 'number' ? BigInt(value) : value)
  }
  return bound
}

/** The scheme that tells a libSQL database is that of an address with TLS. */
function toHttps(url: string): string {
  return url.replace(/^libsql:/i, 'https:')
}

function isBusy(error: unknown): boolean {
  return error instanceof ResponseError && error.code !== undefined && error.code.startsWith('SQLITE_BUSY')
}

function rethrow(error: unknown): never {
  const code = error instanceof ResponseError ? error.code : undefined
  if (code !== undefined && OUR_FAULTS.test(code)) throw error
  const reason = code ?? (error instanceof Error ? error.name : typeof error)
  throw new Problem('unavailable', { retryAfterSeconds: 1, reason: `database: ${reason}`, cause: error })
}
