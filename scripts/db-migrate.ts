import { databaseSettings } from '../operator/database.ts'
import { applyMigrations } from '../operator/migrations.ts'
import { run } from './lib/process.ts'

await run(async () => {
  const database = databaseSettings()
  await applyMigrations(database)
  console.log(`The database at ${database.url} is up to date.`)
})
