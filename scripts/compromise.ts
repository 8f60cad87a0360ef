import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { handleCompromise } from '../operator/compromise.ts'
import { databaseFromEnvironment } from '../operator/database.ts'
import { run } from './lib/process.ts'

/*
 * For a master key that may have leaked, possibly together with a copy of the database. Re-sealing under a new key does
 * not help then, because the old ciphertexts are known: every subject who ever had something under the key must enroll
 * again. Without --apply, nothing is changed.
 */

const USAGE = 'npm run compromise -- --key ID [--apply]'

await run(async () => {
  const { values } = parseArgs({ options: { key: { type: 'string' }, apply: { type: 'boolean', default: false } } })
  if (!values.key) throw new CliError(USAGE)
  await handleCompromise(databaseFromEnvironment(), { keyId: values.key, apply: values.apply })
})
