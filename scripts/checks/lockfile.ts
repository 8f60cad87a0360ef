import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'
import { lockfileFaults } from '../lib/lockfile.ts'
import { ROOT } from '../lib/tool.ts'

/** Throws a {@link CliError} when package-lock.json is incomplete, or when packages may run install scripts. */
export async function checkLockfile(): Promise<void> {
  const lockfile = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  const settings = await readFile(join(ROOT, '.npmrc'), 'utf8')
  const errors = [
    ...lockfileFaults(lockfile),
    ...(/^ignore-scripts=true$/m.test(settings) ? [] : ['.npmrc allows install scripts: set ignore-scripts=true.']),
  ]
  if (errors.length > 0) throw new CliError(`package-lock.json has errors:\n${errors.join('\n')}`)
  console.log(`${Object.keys(lockfile.packages).length - 1} packages are pinned by hash, and install scripts are off.`)
}
