import { type Column, SQL, type SQLWrapper } from 'drizzle-orm'
import { Problem } from '../core/problems.ts'

/*
 * How the values of a result become those of the schema. A result that the schema does not allow (a wrong type, a
 * missing row) is treated like no result: it throws `unavailable`.
 */

/** The latest moment of a Date, in milliseconds since the epoch; no stored integer is larger. */
const LATEST_MOMENT = 8.64e15

/** A selected expression with the check of its values. */
export class Expression<Value> extends SQL<Value> {
  readonly decode: (value: unknown) => Value

  constructor(expression: SQLWrapper, decode: (value: unknown) => Value) {
    super([expression.getSQL()])
    this.decode = decode
  }
}

/** Selects an expression whose values are integers. */
export function integer(expression: SQLWrapper): Expression<number> {
  return new Expression(expression, decodeInteger)
}

/** Selects an expression whose values are integers or NULL. */
export function nullableInteger(expression: SQLWrapper): Expression<number | null> {
  return new Expression(expression, (value) => (value === null ? null : decodeInteger(value)))
}

/** Selects an expression whose values are text. */
export function text(expression: SQLWrapper): Expression<string> {
  return new Expression(expression, (value) => (typeof value === 'string' ? value : unexpectedResult('text')))
}

/** Selects an expression that has one of some texts as its value. */
export function oneOf<const Value extends string>(expression: SQLWrapper, values: readonly Value[]): Expression<Value> {
  return new Expression(expression, (value) => values.find((each) => each === value) ?? unexpectedResult('text'))
}

/** Selects a condition: SQLite has 0 and 1 for false and true. */
export function condition(expression: SQLWrapper): Expression<boolean> {
  return new Expression(expression, (value) => decodeInteger(value) === 1)
}

/** A value of a column: the type, the nullability and the enumeration of the schema hold. */
export function decodeColumn(column: Column, value: unknown): string | number | null {
  if (value === null && !column.notNull) return null
  if (column.dataType === 'number') return decodeInteger(value)
  const isAllowed = typeof value === 'string' && (column.enumValues?.includes(value) ?? true)
  return isAllowed ? value : unexpectedResult(column.name)
}

/** The only row of a statement that always returns one. */
export function only<Row>(rows: readonly Row[]): Row {
  return rows[0] ?? unexpectedResult('row')
}

/** Refuses a result that the schema does not allow. */
export function unexpectedResult(what: string): never {
  throw new Problem('unavailable', { retryAfterSeconds: 1, reason: `database: unexpected ${what}` })
}

function decodeInteger(value: unknown): number {
  const isAllowed = typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= LATEST_MOMENT
  return isAllowed ? value : unexpectedResult('integer')
}
