import type { InValue } from '@libsql/client/http'
import { type Database, openDatabase } from '../../src/store/client.ts'
import type { OnQueued } from '../../src/store/events.ts'
import type { BoundStatement } from '../../src/store/statement.ts'
import { createStore } from '../../src/store/store.ts'
import { backend } from './backend.ts'

/** A statement as it was sent. */
export type SentStatement = Pick<BoundStatement<unknown>, 'sql' | 'args'>

/** A store over the database of this test file, and the statements that it has sent so far. */
export function openStore(options: { readonly onQueued: OnQueued } = { onQueued: undefined }) {
  const sent: SentStatement[] = []
  const database = openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt: Date.now() + 10_000 })
  const recording: Database = {
    ...database,
    read: (batch) => {
      sent.push(...Object.values(batch).flat())
      return database.read(batch)
    },
    write: (batch) => {
      sent.push(...Object.values(batch).flat())
      return database.write(batch)
    },
  }
  return { store: createStore(recording, options), sent }
}

/** Rows that the server reads for a statement, which is rolled back. */
export async function rowsRead({ sql, args }: SentStatement): Promise<number> {
  const requests = [{ sql: 'BEGIN IMMEDIATE' }, { sql, args: args.map(hranaValue) }, { sql: 'ROLLBACK' }]
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
  return typeof value === 'bigint' ? { type: 'integer', value: String(value) } : { type: 'text', value: String(value) }
}
