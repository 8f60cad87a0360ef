import { run } from './lib/process.ts'
import { formatSettings, freshSecrets } from './lib/settings.ts'

await run(async () => {
  process.stdout.write(formatSettings(await freshSecrets()))
})
