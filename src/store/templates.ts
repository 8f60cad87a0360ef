import { getTableColumns, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'

/* What the query builder cannot express, as templates over tables and columns of the schema. */

/** `INSERT INTO table (columns) SELECT values`: inserts nothing where `from` has no row. `columns` are keys of the table. */
export function insertSelect<Table extends SQLiteTable>(
  table: Table,
  insert: {
    readonly columns: { readonly [Name in keyof Table['$inferInsert']]: SQLWrapper }
    readonly from: SQLWrapper
    /** What follows; by default a row that is there already stays as it is. */
    readonly onConflict?: SQL
  },
): SQL {
  const known = getTableColumns(table)
  const entries = Object.entries<SQLWrapper>(insert.columns)
  const names = entries.map(([name]) => sql.identifier(known[name]?.name ?? ''))
  const values = entries.map(([, value]) => sql`${value}`)
  const { onConflict = sql`ON CONFLICT DO NOTHING` } = insert
  return sql`INSERT INTO ${table} (${list(names)}) SELECT ${list(values)} ${insert.from} ${onConflict}`
}

/**
 * The elements of a JSON array argument as a table named `name`; `member` reads one member of an
 * element that is an object, `entry` one entry of a member that is an object.
 */
export function jsonEach<Element = never>(argument: SQLWrapper, name: string) {
  const table = sql.identifier(name)
  return {
    table: sql`json_each(${argument}) AS ${table}`,
    index: sql`${table}.key`,
    value: sql`${table}.value`,
    member: (key: keyof Element & string) => sql`${table}.value ->> ${key}`,
    entry: (key: keyof Element & string, name: SQLWrapper) =>
      sql`json_extract(${table}.value, ${`$.${key}.`} || '"' || ${name} || '"')`,
  }
}

/** The elements of a JSON array argument as a subquery. */
export function jsonValues(argument: SQLWrapper): SQL {
  return sql`(SELECT value FROM json_each(${argument}))`
}

/** A random UUID (RFC 9562 §5.4) for each row. */
export const RANDOM_UUID = sql`lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
  || '-' || substr('89AB', 1 + abs(random() % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`

function list(items: readonly SQLWrapper[]): SQL {
  return sql.join([...items.map((item) => sql`${item}`)], sql`, `)
}
