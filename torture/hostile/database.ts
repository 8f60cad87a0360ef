import { createClient } from '@libsql/client/http'

/** Every row of every table of a database, by table; throttle counters and the like included. */
export type Dump = Readonly<Record<string, readonly unknown[]>>

/** Reads a whole small database in one round trip, again and again. */
export async function openDump(url: string): Promise<() => Promise<Dump>> {
  const client = createClient({ url })
  const { rows } = await client.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  const tables = rows.map(({ name }) => String(name)).filter((name) => !name.startsWith('sqlite_'))
  return async () => {
    const results = await client.batch(
      tables.map((table) => `SELECT * FROM "${table}" ORDER BY 1, 2`),
      'read',
    )
    return Object.fromEntries(tables.map((table, index) => [table, (results[index]?.rows ?? []).map(plain)]))
  }
}

/** A row as JSON has it, so that two of them compare. */
function plain(row: object): unknown {
  return JSON.parse(JSON.stringify(row, (_, value) => (value instanceof ArrayBuffer ? hexOf(value) : value)))
}

function hexOf(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('hex')
}
