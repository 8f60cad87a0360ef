import { CliError } from '../operator/cli-error.ts'
import { databaseFromEnvironment } from '../operator/database.ts'
import { masterKeyStore } from '../operator/store/master-keys.ts'
import { run } from './lib/process.ts'
import { formatSettings, freshSecrets } from './lib/settings.ts'

await run(async () => {
  switch (process.argv[2]) {
    case undefined:
      process.stdout.write(formatSettings(await freshSecrets()))
      return
    case 'status':
      return printStatus()
    default:
      throw new CliError(
        'npm run keys prints new secrets. npm run keys -- status counts the secrets and backup codes under each key.',
      )
  }
})

async function printStatus(): Promise<void> {
  const counts = await masterKeyStore(databaseFromEnvironment()).countKeys()
  for (const { keyId, secrets, backupCodes } of counts) {
    console.log(`${keyId}: ${secrets} sealed secrets, ${backupCodes} unused backup codes`)
  }
  if (counts.length === 0) console.log('There are no secrets and no backup codes.')
}
