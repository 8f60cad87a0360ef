import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { checkDeploy } from './checks/deploy.ts'
import { checkGenerated } from './checks/generated.ts'
import { checkLockfile } from './checks/lockfile.ts'
import { checkSize } from './checks/size.ts'
import { buildPackages } from './lib/packages.ts'
import { run } from './lib/process.ts'
import { ROOT } from './lib/tool.ts'

/*
 * Everything that must hold before a change is merged, or the checks that are named: `npm run check -- types lint`. Stops
 * at the first that fails.
 */

const PROJECTS = [
  'tsconfig.json',
  'tsconfig.test.json',
  'tsconfig.scripts.json',
  'packages/client',
  'packages/elements',
  'packages/verify',
  'page',
]

const CHECKS: Readonly<Record<string, () => Promise<void>>> = {
  types: async () => {
    for (const project of PROJECTS) await tool('tsc', '-p', project)
  },
  lint: () => tool('biome', 'ci', '--error-on-warnings'),
  unused: () => tool('knip'),
  lockfile: checkLockfile,
  generated: checkGenerated,
  size: checkSize,
  packages: async () => {
    await buildPackages(join(ROOT, 'dist'))
  },
  deploy: checkDeploy,
  test: () => tool('vitest', 'run', '--project=!integration'),
}

await run(async () => {
  const { positionals } = parseArgs({ allowPositionals: true })
  const unknown = positionals.filter((name) => !(name in CHECKS))
  if (unknown.length > 0)
    throw new CliError(`There is no check ${unknown.join(', ')}. The checks are: ${Object.keys(CHECKS).join(', ')}.`)
  for (const [name, check] of Object.entries(CHECKS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    console.log(`— ${name}`)
    await check()
  }
})

/** Runs a program of `node_modules/.bin` in the terminal of this process. */
async function tool(name: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', '.bin', name), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new CliError(`${name} ${args.join(' ')} failed.`)
}
