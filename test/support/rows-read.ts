import type { InValue } from '@libsql/client/http'
import type { Statement } from '../../src/store/database.ts'
import { backend } from './backend.ts'

/** Rows that the server read for a statement, whose work is undone. */
export async function rowsRead({ sql }: Statement, args: Readonly<Record<string, InValue>>): Promise<number> {
  const named = Object.entries(args).map(([name, value]) => ({ name, value: hranaValue(value) }))
  const requests = [{ sql: 'BEGIN IMMEDIATE' }, { sql, named_args: named }, { sql: 'ROLLBACK' }]
  const response = await fetch(`${backend.databaseUrl}/v2/pipeline`, {
    method: 'POST',
    body: JSON.stringify({ requests: [...requests.map((stmt) => ({ type: 'execute', stmt })), { type: 'close' }] }),
  })
  const { results } = (await response.json()) as {
    results: { response?: { result?: { rows_read?: number } }; error?: { message: string } }[]
  }
  const read = results[1]?.response?.result?.rows_read
  if (read === undefined) throw new Error(JSON.stringify(results[1]))
  return read
}

function hranaValue(value: InValue) {
  if (value === null) return { type: 'null' }
  return typeof value === 'number' ? { type: 'integer', value: String(value) } : { type: 'text', value: String(value) }
}
