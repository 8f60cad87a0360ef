import { parseArgs } from 'node:util'
import { databaseFromEnvironment } from '../operator/database.ts'
import { reconcileBackup } from '../operator/reconcile-backup.ts'
import { run } from './lib/process.ts'

/*
 * For a database that was restored from a backup, before the service uses it: codes that were used since the backup would
 * work once more. Without --apply, nothing is changed.
 */

await run(async () => {
  const { values } = parseArgs({ options: { apply: { type: 'boolean', default: false } } })
  await reconcileBackup(databaseFromEnvironment(), { apply: values.apply })
})
