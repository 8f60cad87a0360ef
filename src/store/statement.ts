import type { InValue, Row as ResultRow } from '@libsql/client/http'
import { Column, fillPlaceholders, is, type Placeholder, SQL, sql } from 'drizzle-orm'
import {
  BaseSQLiteDatabase,
  type PreparedQueryConfig,
  type SelectedFieldsOrdered,
  SQLiteAsyncDialect,
  SQLitePreparedQuery,
  SQLiteSession,
} from 'drizzle-orm/sqlite-core'
import { decodeColumn, Expression } from './rows.ts'

/*
 * Drizzle without a connection. It builds each statement once per isolate, at its first use; a request only binds
 * arguments to what was built, and client.ts sends statements in batches. This file holds all that is needed for it.
 */

/** A value that a statement binds. */
type Argument = string | number | null
/** Arguments by name. */
export type Arguments = Readonly<Record<string, Argument>>

/** Names an argument in the text of a statement: `arg('now')` stands for the `now` of each call. */
export type Arg<Args> = (name: keyof Args & string) => Placeholder

/** A statement with its arguments bound, ready for a batch. */
export type BoundStatement<Row> = {
  readonly sql: string
  readonly args: InValue[]
  /** Throws `unavailable` for a row that the schema does not allow. */
  readonly decode: (row: ResultRow) => Row
}

/** A statement: takes its arguments, returns what a batch sends. */
export type Statement<Args, Row = never> = (args: Args) => BoundStatement<Row>

/** A query of the builder: `Rows` is an array of rows, or an error type where the query returns none. */
type BuilderQuery<Rows> = { readonly prepare: () => { readonly all: () => Promise<Rows> } }

/**
 * Defines a statement. `build` runs at its first use and returns a query of {@link db}, or a template where the builder
 * cannot express it. Constants stand in the text, so that SQLite can match them with partial indexes.
 */
export function statement<Args extends Arguments, Rows = never>(
  build: (arg: Arg<Args>) => BuilderQuery<Rows> | SQL,
): Statement<Args, Rows extends readonly (infer Row)[] ? Row : never> {
  let prepared: PreparedStatement | undefined
  return (args) => {
    prepared ??= prepare(build((name) => sql.placeholder(name)))
    return prepared.bind(args)
  }
}

/** The query builder. Its queries are never executed: {@link statement} prepares them. */
class PreparedStatement extends SQLitePreparedQuery<PreparedQueryConfig & { type: 'async' }> {
  readonly fields: SelectedFieldsOrdered
  readonly run = refuse
  readonly all = refuse
  readonly get = refuse
  readonly values = refuse

  constructor(query: { sql: string; params: unknown[] }, fields: SelectedFieldsOrdered = []) {
    super('async', 'all', query)
    this.fields = fields
  }

  bind<Row>(args: Arguments): BoundStatement<Row> {
    const { sql: text, params } = this.query
    return { sql: text, args: fillPlaceholders(params, args).map(toInValue), decode: (row) => this.decode(row) as Row }
  }

  /** Rows are flat: the name of a field is the last part of its path. */
  decode(row: ResultRow): unknown {
    const entries = this.fields.map(({ path, field }, index) => [path.at(-1), decodeField(field, row[index])])
    return Object.fromEntries(entries)
  }
}

function decodeField(field: SelectedFieldsOrdered[number]['field'], value: unknown): unknown {
  if (field instanceof Expression) return field.decode(value)
  if (is(field, Column)) return decodeColumn(field, value)
  throw new Error('a selected template needs a decoder: wrap it in integer() or text()')
}

class BuilderSession extends SQLiteSession<'async', never, Record<string, never>, Record<string, never>> {
  override prepareQuery(query: { sql: string; params: unknown[] }, fields: SelectedFieldsOrdered | undefined) {
    return new PreparedStatement(query, fields)
  }

  override transaction = refuse
}

/** Writes constants into the text of a statement. */
class InliningDialect extends SQLiteAsyncDialect {
  override sqlToQuery(query: SQL) {
    return super.sqlToQuery(sql`${query}`.inlineParams())
  }
}

const dialect = new InliningDialect()

/** Builds queries; it has no connection and runs none. */
export const db = new BaseSQLiteDatabase('async', dialect, new BuilderSession(dialect), undefined)

function prepare(query: BuilderQuery<unknown> | SQL): PreparedStatement {
  if (is(query, SQL)) return new PreparedStatement(dialect.sqlToQuery(query))
  const prepared = query.prepare()
  if (prepared instanceof PreparedStatement) return prepared
  throw new Error('not a query of this builder')
}

async function refuse(): Promise<never> {
  throw new Error('statements run in the batches of client.ts')
}

/** Integers travel as integers: the client sends every JavaScript number as REAL. */
function toInValue(value: unknown): InValue {
  if (typeof value === 'number') return BigInt(value)
  if (typeof value === 'string' || value === null) return value
  throw new Error(`an argument of type ${typeof value}`)
}
