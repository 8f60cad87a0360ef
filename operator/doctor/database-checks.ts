import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { decodeJwt } from 'jose'
import type { Config } from '../../src/config.ts'
import { Problem } from '../../src/core/problems.ts'
import * as schema from '../../src/store/schema.ts'
import { knownMigrations } from '../migrations.ts'
import type { inspectionStore } from '../store/inspection.ts'
import { type Finding, finding } from './findings.ts'

const MIGRATIONS = '__drizzle_migrations'
const EXPIRING_MS = 14 * 86_400_000

type Inspection = ReturnType<typeof inspectionStore>

/** Checks that the database responds and accepts the token. */
export async function checkDatabase(inspection: Inspection, config: Config): Promise<readonly Finding[]> {
  try {
    await inspection.readNames()
    return []
  } catch (error) {
    const { host } = new URL(config.TURSO_DATABASE_URL)
    if (isTokenRejected(error)) return [finding('database-token-refused', host)]
    return [finding('database-unreachable', `${host}${error instanceof Problem ? ` (${error.options.reason})` : ''}`)]
  }
}

/** The client throws an error whose cause has the HTTP status 401 or 403 when the token is rejected. */
function isTokenRejected(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = causeOf(cause)) {
    if ('status' in cause && (cause.status === 401 || cause.status === 403)) return true
  }
  return false
}

function causeOf(error: Error): unknown {
  return error instanceof Problem ? error.options.cause : error.cause
}

/** Checks the claims of the database token. Tokens of Turso are JWTs; others are not checked. */
export function checkDatabaseToken(config: Config, now: number): readonly Finding[] {
  const claims = readClaims(config.TURSO_AUTH_TOKEN)
  const found = 'TURSO_AUTH_TOKEN'
  const readOnly = claims?.['a'] === 'ro' ? [finding('database-token-read-only', found)] : []
  if (claims?.exp === undefined) return readOnly
  const remainingMs = claims.exp * 1000 - now
  if (remainingMs <= 0) return [finding('database-token-expired', found)]
  return remainingMs < EXPIRING_MS ? [...readOnly, finding('database-token-expiring', found)] : readOnly
}

function readClaims(token: string | undefined) {
  try {
    return token === undefined ? undefined : decodeJwt(token)
  } catch {
    return undefined
  }
}

/** Checks that exactly the migrations of this checkout are applied. */
export async function checkMigrations(inspection: Inspection): Promise<readonly Finding[]> {
  const names = await inspection.readNames()
  const applied = names.has(MIGRATIONS) ? await inspection.readMigrations() : []
  const known = knownMigrations()
  const missing = known.filter(({ hash }) => !applied.includes(hash))
  const unknown = applied.filter((hash) => !known.some((each) => each.hash === hash))
  return [
    ...(missing.length > 0 ? [finding('migrations-missing', `${missing.length} of ${known.length}`)] : []),
    ...(unknown.length > 0 ? [finding('migrations-unknown', `${unknown.length}`)] : []),
  ]
}

/** Checks that every table and index of the schema exists. */
export async function checkSchema(inspection: Inspection): Promise<readonly Finding[]> {
  const names = await inspection.readNames()
  const tables = Object.values(schema).filter((each) => each instanceof SQLiteTable)
  const expected = tables
    .map(getTableConfig)
    .flatMap(({ name, indexes }) => [name, ...indexes.map(({ config }) => config.name)])
  return expected.filter((name) => !names.has(name)).map((name) => finding('schema-incomplete', name))
}
