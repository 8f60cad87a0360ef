import { readFile, writeFile } from 'node:fs/promises'
import { createClient } from '@libsql/client/http'
import { CliError } from './cli-error.ts'
import type { DatabaseSettings } from './database.ts'

/** The last line of a complete dump. */
const END = 'COMMIT;'
const OWNER_ONLY = 0o600

/**
 * Writes the whole database as SQL into a new file that only its owner can read. Secrets in it are sealed, so it opens
 * nothing without MFA_KEYS, but it names every subject who has MFA. Throws a {@link CliError} when the file exists or the
 * dump is incomplete.
 */
export async function writeBackup({ url, authToken }: DatabaseSettings, file: string): Promise<void> {
  const headers = authToken ? { Authorization: `Bearer ${authToken}` } : {}
  const response = await fetch(new URL('/dump', url.replace(/^libsql:/, 'https:')), { headers })
  const sql = await response.text().catch(toCliError)
  if (!response.ok) throw new CliError(`The database at ${url} answered ${response.status}.`)
  if (!sql.trimEnd().endsWith(END)) throw new CliError('The dump is incomplete; no file was written.')
  await writeFile(file, sql, { mode: OWNER_ONLY, flag: 'wx' }).catch(() => {
    throw new CliError(`${file} exists already or cannot be written.`)
  })
  console.log(`${file}: ${sql.length} characters.`)
}

/** Runs such a file on an empty database. Throws a {@link CliError} when the file is incomplete or the database is not empty. */
export async function restoreBackup({ url, authToken }: DatabaseSettings, file: string): Promise<void> {
  const sql = await readFile(file, 'utf8').catch(toCliError)
  if (!sql.trimEnd().endsWith(END)) throw new CliError(`${file} is not a complete dump: it does not end with ${END}`)
  const client = createClient({ url, ...(authToken && { authToken }) })
  const { rows } = await client.execute("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
  if (Number(rows[0]?.[0]) !== 0) throw new CliError(`The database at ${url} is not empty: restore into a new one.`)
  await client.executeMultiple(sql)
  client.close()
  console.log(`${file} is restored to ${url}. Before the service uses it: npm run reconcile-backup -- --apply`)
}

/** A string of more than 512 MB exceeds the limit of Node. */
function toCliError(error: unknown): never {
  const isTooLong =
    error instanceof RangeError || (error instanceof Error && 'code' in error && error.code === 'ERR_STRING_TOO_LONG')
  if (isTooLong)
    throw new CliError('The dump is larger than 512 MB: use the backups of your database provider instead.')
  throw error
}
