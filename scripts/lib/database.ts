import { Problem } from '../../src/core/problems.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { Complaint } from './process.ts'

/** Operators wait longer than requests. */
const OPERATOR_TIMEOUT_MS = 3_600_000

/** The database that the environment names: `TURSO_DATABASE_URL`, and `TURSO_AUTH_TOKEN` unless it is on loopback. */
export function databaseSettings(): { readonly url: string; readonly authToken: string | undefined } {
  const { TURSO_DATABASE_URL: url, TURSO_AUTH_TOKEN: authToken } = process.env
  if (url) return { url, authToken }
  throw new Complaint('Set TURSO_DATABASE_URL (and TURSO_AUTH_TOKEN, unless it is on loopback) to the database to use.')
}

/** That database, opened; one that does not answer is a complaint. */
export function databaseFromEnvironment(): Database {
  const settings = databaseSettings()
  const { read, write, roundTrips } = openDatabase({ ...settings, deadlineAt: Date.now() + OPERATOR_TIMEOUT_MS })
  const complain = (error: unknown): never => {
    if (error instanceof Problem)
      throw new Complaint(`The database at ${settings.url} does not answer (${error.options.reason}).`)
    throw error
  }
  return {
    read: (...call) => read(...call).catch(complain),
    write: (...call) => write(...call).catch(complain),
    roundTrips,
  }
}
