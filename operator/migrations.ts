import { fileURLToPath } from 'node:url'
import { createClient } from '@libsql/client/http'
import { drizzle } from 'drizzle-orm/libsql/http'
import { migrate } from 'drizzle-orm/libsql/migrator'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { CliError } from './cli-error.ts'

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url))

/** Brings a database to the newest of the generated migrations; those it has already are left alone. */
export async function applyMigrations(database: { url: string; authToken?: string | undefined }): Promise<void> {
  const client = createClient({ url: database.url, ...(database.authToken && { authToken: database.authToken }) })
  try {
    await migrate(drizzle(client), { migrationsFolder: FOLDER })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    if (cause instanceof TypeError) throw new CliError(`The database at ${database.url} does not answer.`)
    throw new CliError(
      `The migrations could not be applied to ${database.url}: ${cause instanceof Error ? cause.message : cause}`,
    )
  } finally {
    client.close()
  }
}

/** The migrations of this checkout, by the hash that a database keeps of those it has. */
export function knownMigrations(): readonly { readonly hash: string }[] {
  return readMigrationFiles({ migrationsFolder: FOLDER })
}
