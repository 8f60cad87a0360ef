import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'
import { lockfileFaults } from '../lib/lockfile.ts'
import { ROOT } from '../lib/tool.ts'

/** Fails where package-lock.json is not whole, or packages may run scripts at their installation. */
export async function checkLockfile(): Promise<void> {
  const lockfile = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  const settings = await readFile(join(ROOT, '.npmrc'), 'utf8')
  const faults = [
    ...lockfileFaults(lockfile),
    ...(/^ignore-scripts=true$/m.test(settings) ? [] : ['.npmrc lets packages run scripts: ignore-scripts=true.']),
  ]
  if (faults.length > 0) throw new CliError(`package-lock.json is not to be trusted:\n${faults.join('\n')}`)
  console.log(`${Object.keys(lockfile.packages).length - 1} packages are locked by their hashes; none runs a script.`)
}
