import { applyMigrations } from './lib/migrations.ts'
import { Complaint, run } from './lib/process.ts'

await run(async () => {
  const { TURSO_DATABASE_URL: url, TURSO_AUTH_TOKEN: authToken } = process.env
  if (!url)
    throw new Complaint(
      'Set TURSO_DATABASE_URL (and TURSO_AUTH_TOKEN, unless it is on loopback) to the database to migrate.',
    )
  await applyMigrations({ url, authToken })
  console.log(`The database at ${url} has all migrations.`)
})
