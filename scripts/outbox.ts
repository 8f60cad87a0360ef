import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { databaseFromEnvironment } from '../operator/database.ts'
import { listOutbox, retryDeliveries } from '../operator/outbox.ts'
import { run } from './lib/process.ts'

/* Lists the queued webhook deliveries, or schedules them for the next cron run. */

const USAGE = 'npm run outbox -- list | retry [--event ID]'

await run(async () => {
  const { positionals, values } = parseArgs({ options: { event: { type: 'string' } }, allowPositionals: true })
  switch (positionals[0]) {
    case 'list':
      return listOutbox(databaseFromEnvironment())
    case 'retry':
      return retryDeliveries(databaseFromEnvironment(), values.event)
    default:
      throw new CliError(USAGE)
  }
})
