import { CliError } from '../../operator/cli-error.ts'
import { run } from '../../scripts/lib/process.ts'
import { runExample } from './harness.ts'
import { login } from './login.ts'
import { transfer } from './transfer.ts'

/* npm run example -- login | transfer */

await run(async () => {
  switch (process.argv[2]) {
    case 'login':
      return runExample(login)
    case 'transfer':
      return runExample(transfer)
    default:
      throw new CliError('npm run example -- login | transfer')
  }
})
