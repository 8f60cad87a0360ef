import { Problem } from '../core/problems.ts'
import type { TotpParameters } from '../core/totp.ts'
import type { Row } from './database.ts'

/*
 * Columns as the type that their table gives them. A database that answers anything else is not to be believed: such
 * an answer is the problem `unavailable`, as if there had been none.
 */

/** Milliseconds of the last moment that a Date can tell. */
const LATEST_MOMENT = 8.64e15

/** The only row of a statement that always answers one. */
export function only(rows: readonly Row[] | undefined): Row {
  return rows?.[0] ?? unbelievable('row')
}

/** All rows of a statement, none as well; a batch answers each of its statements. */
export function all(rows: readonly Row[] | undefined): readonly Row[] {
  return rows ?? unbelievable('rows')
}

/** What `readWon` at the end of a batch tells. */
export function isWon(results: readonly (readonly Row[])[]): boolean {
  return integer(only(results.at(-1)), 'won') === 1
}

/** Whether a guarded statement touched a row. */
export function hasRow(rows: readonly Row[] | undefined): boolean {
  return rows !== undefined && rows.length > 0
}

/** A TEXT column. */
export function text(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : unbelievable(column)
}

/** An INTEGER column. The largest that we store are moments. */
export function integer(row: Row, column: string): number {
  const value = row[column]
  const isPlausible = typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= LATEST_MOMENT
  return isPlausible ? value : unbelievable(column)
}

/** A nullable column. */
export function nullable<Value>(read: (row: Row, column: string) => Value, row: Row, column: string): Value | null {
  return row[column] === null ? null : read(row, column)
}

/** The columns that say how an authenticator counts. */
export function totpParameters(row: Row): TotpParameters {
  const algorithm = text(row, 'algorithm') as TotpParameters['algorithm']
  return { algorithm, digits: integer(row, 'digits'), stepSeconds: integer(row, 'step_seconds') }
}

/** Refuses an answer of the database that cannot be. */
export function unbelievable(what: string): never {
  throw new Problem('unavailable', { retryAfterSeconds: 1, reason: `database: unexpected ${what}` })
}
