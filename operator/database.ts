import { Problem } from '../src/core/problems.ts'
import { type Database, openDatabase } from '../src/store/client.ts'
import { CliError } from './cli-error.ts'

/** Commands may scan whole tables, so they have far more time than a request. */
const TIMEOUT_MS = 3_600_000

/** Where a database is, and the token for it. */
export type DatabaseSettings = { readonly url: string; readonly authToken: string | undefined }

/**
 * The database that the environment names: `TURSO_DATABASE_URL` and, unless it is on loopback, `TURSO_AUTH_TOKEN`. Throws
 * a {@link CliError} when the URL is missing.
 */
export function databaseSettings(): DatabaseSettings {
  const { TURSO_DATABASE_URL: url, TURSO_AUTH_TOKEN: authToken } = process.env
  if (url) return { url, authToken }
  throw new CliError('Set TURSO_DATABASE_URL (and TURSO_AUTH_TOKEN, unless it is on loopback) to the database to use.')
}

/** A client for {@link databaseSettings}. Its calls throw a {@link CliError} when the database is unavailable. */
export function databaseFromEnvironment(): Database {
  const settings = databaseSettings()
  const { read, write, roundTrips } = openDatabase({ ...settings, deadlineAt: Date.now() + TIMEOUT_MS })
  const throwCliError = (error: unknown): never => {
    if (error instanceof Problem)
      throw new CliError(`The database at ${settings.url} does not respond (${error.options.reason}).`)
    throw error
  }
  return {
    read: (...call) => read(...call).catch(throwCliError),
    write: (...call) => write(...call).catch(throwCliError),
    roundTrips,
  }
}
