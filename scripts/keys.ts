import { operatorStore } from '../src/store/operator-store.ts'
import { databaseFromEnvironment } from './lib/database.ts'
import { Complaint, run } from './lib/process.ts'
import { formatSettings, freshSecrets } from './lib/settings.ts'

await run(async () => {
  switch (process.argv[2]) {
    case undefined:
      process.stdout.write(formatSettings(await freshSecrets()))
      return
    case 'status':
      return printStatus()
    default:
      throw new Complaint('npm run keys prints fresh secrets; npm run keys -- status counts what is under which key.')
  }
})

async function printStatus(): Promise<void> {
  const counts = await operatorStore(databaseFromEnvironment()).countKeys()
  for (const { keyId, secrets, backupCodes } of counts) {
    console.log(`${keyId}: ${secrets} sealed secrets, ${backupCodes} unused backup codes`)
  }
  if (counts.length === 0) console.log('Nothing is under any key.')
}
