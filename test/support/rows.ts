import { type Client, createClient, type Row } from '@libsql/client/http'
import { backend } from './backend.ts'

/** All rows of a subject, by table. */
export type SubjectRows = {
  readonly subject: readonly Row[]
  readonly authenticator: readonly Row[]
  readonly backup_code: readonly Row[]
  readonly verify_repeat: readonly Row[]
  readonly event: readonly Row[]
}

/** The database itself, past the proxy. */
export function openDirectly(): Client {
  return createClient({ url: backend.databaseUrl })
}

/** Runs one statement; its positional arguments follow. */
export async function query(sql: string, ...args: readonly (string | number | null)[]): Promise<readonly Row[]> {
  return (await openDirectly().execute({ sql, args: [...args] })).rows
}

/** Everything that is stored about a subject of the tests. */
export async function rowsOf(sub: string): Promise<SubjectRows> {
  const args = [sub]
  const of = (table: string) => ({ sql: `SELECT * FROM ${table} WHERE subject_id = (${OF_SUB})`, args })
  const results = await openDirectly().batch(
    [
      { sql: 'SELECT * FROM subject WHERE sub = ?', args },
      of('authenticator'),
      of('backup_code'),
      of('verify_repeat'),
      of('event'),
    ],
    'read',
  )
  const [subject = [], authenticator = [], backup_code = [], verify_repeat = [], event = []] = results.map(
    ({ rows }) => rows,
  )
  return { subject, authenticator, backup_code, verify_repeat, event }
}

/** Every row of every table, as text. */
export async function dumpDatabase(): Promise<string> {
  const tables = await query("SELECT name FROM sqlite_schema WHERE type = 'table'")
  const rows = await Promise.all(tables.map(({ name }) => query(`SELECT * FROM "${String(name)}"`)))
  return JSON.stringify(rows)
}

/** Changes a column of the subject's row behind the service's back. */
export async function setSubject(sub: string, assignments: string): Promise<void> {
  await query(`UPDATE subject SET ${assignments} WHERE sub = ?`, sub)
}

const OF_SUB = 'SELECT id FROM subject WHERE sub = ?'
