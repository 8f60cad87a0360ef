import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createClient } from '@libsql/client/http'
import { databaseSettings } from './lib/database.ts'
import { Complaint, run } from './lib/process.ts'

/*
 * The whole database as SQL, into a file; and such a file into an empty database. What a file holds opens nothing without
 * MFA_KEYS, but names everybody who has a second factor: it is written for its owner alone.
 */

const USAGE = 'npm run backup -- --to FILE | --restore FILE'
/** The last line of a whole dump. */
const END = 'COMMIT;'
const OWNER_ONLY = 0o600

type Database = ReturnType<typeof databaseSettings>

await run(async () => {
  const { values } = parseArgs({ options: { to: { type: 'string' }, restore: { type: 'string' } } })
  const database = databaseSettings()
  if (values.to) return dump(database, values.to)
  if (values.restore) return restore(database, values.restore)
  throw new Complaint(USAGE)
})

async function dump({ url, authToken }: Database, file: string): Promise<void> {
  const headers = authToken ? { Authorization: `Bearer ${authToken}` } : {}
  const response = await fetch(new URL('/dump', url.replace(/^libsql:/, 'https:')), { headers })
  const sql = await response.text().catch(asComplaint)
  if (!response.ok) throw new Complaint(`The database at ${url} answered ${response.status}.`)
  if (!sql.trimEnd().endsWith(END)) throw new Complaint('The dump broke off: nothing was written.')
  await writeFile(file, sql, { mode: OWNER_ONLY, flag: 'wx' }).catch(() => {
    throw new Complaint(`${file} cannot be written, or is there already.`)
  })
  console.log(`${file}: ${sql.length} characters.`)
}

async function restore({ url, authToken }: Database, file: string): Promise<void> {
  const sql = await readFile(file, 'utf8').catch(asComplaint)
  if (!sql.trimEnd().endsWith(END)) throw new Complaint(`${file} is no whole dump: it does not end with ${END}`)
  const client = createClient({ url, ...(authToken && { authToken }) })
  const { rows } = await client.execute("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
  if (Number(rows[0]?.[0]) !== 0) throw new Complaint(`The database at ${url} is not empty: take a new one.`)
  await client.executeMultiple(sql)
  client.close()
  console.log(`The database at ${url} is as ${file} says. Before the service uses it: npm run restored -- --apply.`)
}

/** Text of more than 512 MB is more than this command can hold. */
function asComplaint(error: unknown): never {
  const isTooLong =
    error instanceof RangeError || (error instanceof Error && 'code' in error && error.code === 'ERR_STRING_TOO_LONG')
  if (isTooLong) throw new Complaint('That is more than 512 MB: leave it to the copies of the vendor.')
  throw error
}
