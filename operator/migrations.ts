import { fileURLToPath } from 'node:url'
import { createClient } from '@libsql/client/http'
import { drizzle } from 'drizzle-orm/libsql/http'
import { migrate } from 'drizzle-orm/libsql/migrator'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { CliError } from './cli-error.ts'

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url))

/** Applies the migrations that a database does not have yet. Throws a {@link CliError} when that fails. */
export async function applyMigrations(database: { url: string; authToken?: string | undefined }): Promise<void> {
  const client = createClient({ url: database.url, ...(database.authToken && { authToken: database.authToken }) })
  try {
    await migrate(drizzle(client), { migrationsFolder: FOLDER })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    if (cause instanceof TypeError) throw new CliError(`The database at ${database.url} does not respond.`)
    throw new CliError(
      `The migrations could not be applied to ${database.url}: ${cause instanceof Error ? cause.message : cause}`,
    )
  } finally {
    client.close()
  }
}

/** Returns the migrations of this checkout, with the hash that the database stores for an applied one. */
export function knownMigrations(): readonly { readonly hash: string }[] {
  return readMigrationFiles({ migrationsFolder: FOLDER })
}
