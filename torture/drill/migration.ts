import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client/http'
import { drizzle } from 'drizzle-orm/libsql/http'
import { migrate } from 'drizzle-orm/libsql/migrator'
import { ROOT } from '../../scripts/lib/tool.ts'

type Journal = { entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[] }

/** A folder with all migrations that there are, and one that a later version may bring. */
export async function withLaterMigration(statements: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-migrations-'))
  await cp(join(ROOT, 'drizzle'), folder, { recursive: true })
  const file = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(await readFile(file, 'utf8')) as Journal
  const last = journal.entries.at(-1)
  if (last === undefined) throw new Error('there is no migration')
  const tag = 'later'
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag })
  await writeFile(join(folder, `${tag}.sql`), statements.join('\n--> statement-breakpoint\n'))
  await writeFile(file, JSON.stringify(journal))
  return folder
}

/** Applies a folder of migrations as `npm run db:migrate` applies its own. Answers how long it took. */
export async function applyFolder(url: string, migrationsFolder: string): Promise<number> {
  const client = createClient({ url })
  const startedAt = performance.now()
  try {
    await migrate(drizzle(client), { migrationsFolder })
    return performance.now() - startedAt
  } finally {
    client.close()
  }
}

/** Everything that the database is made of, and how many migrations it has. */
export async function schemaOf(url: string): Promise<{ migrations: number; made: readonly string[] }> {
  const client = createClient({ url })
  const [made, applied] = await client.batch(
    ['SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name', 'SELECT count(*) FROM __drizzle_migrations'],
    'read',
  )
  client.close()
  return { migrations: Number(applied?.rows[0]?.[0]), made: made?.rows.map((row) => String(row[0])) ?? [] }
}

/** Fills the largest table, so that an index takes its time. */
export async function fillEvents(url: string, events: number): Promise<void> {
  const client = createClient({ url })
  await client.execute("INSERT INTO subject (issuer, sub, created_at) VALUES ('https://bulk.example', 'bulk', 0)")
  await client.execute({
    sql: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :events)
      INSERT INTO event (subject_id, sequence, id, type, at, request_id)
      SELECT subject.id, i, 'event-' || i, 'challenge.passed', i, 'bulk' FROM n, subject WHERE sub = 'bulk'`,
    args: { events },
  })
  client.close()
}
