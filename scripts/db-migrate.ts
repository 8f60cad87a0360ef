import { databaseSettings } from './lib/database.ts'
import { applyMigrations } from './lib/migrations.ts'
import { run } from './lib/process.ts'

await run(async () => {
  const database = databaseSettings()
  await applyMigrations(database)
  console.log(`The database at ${database.url} has all migrations.`)
})
