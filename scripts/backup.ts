import { parseArgs } from 'node:util'
import { restoreBackup, writeBackup } from '../operator/backup.ts'
import { CliError } from '../operator/cli-error.ts'
import { databaseSettings } from '../operator/database.ts'
import { run } from './lib/process.ts'

/* Writes the whole database as SQL into a file, or restores such a file into an empty database. */

const USAGE = 'npm run backup -- --to FILE | --restore FILE'

await run(async () => {
  const { values } = parseArgs({ options: { to: { type: 'string' }, restore: { type: 'string' } } })
  if (values.to) return writeBackup(databaseSettings(), values.to)
  if (values.restore) return restoreBackup(databaseSettings(), values.restore)
  throw new CliError(USAGE)
})
