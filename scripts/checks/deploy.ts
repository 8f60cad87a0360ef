import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'
import { checkVariables } from '../../operator/doctor/variable-checks.ts'
import { withBundle } from '../lib/bundle.ts'
import { ROOT } from '../lib/tool.ts'

/** The bindings of every environment. Environments do not inherit bindings from the top level. */
const BINDINGS = ['env.ASSETS', 'env.METRICS', 'env.SUBJECT_LIMIT', 'env.ADDRESS_LIMIT']

/** An expected warning: the assets are documentation, which may be served from near the database. */
const EXPECTED_WARNING = 'Turning on Smart Placement in a Worker that is using assets'

/**
 * Builds every environment of wrangler.toml as a deployment would, and checks its variables. Throws a {@link CliError}
 * on any warning, for a variable that is too large, and for a secret among the variables.
 */
export async function checkDeploy(): Promise<void> {
  const environments = await deployedEnvironments()
  if (environments.length === 0) throw new CliError('wrangler.toml has no environments.')
  assertVariables(join(ROOT, 'wrangler.toml'), ['', ...environments])
  for (const environment of environments) await checkEnvironment(environment)
  console.log(`Environments that can be deployed: ${environments.join(', ')}.`)
}

/** Checks the `[vars]` of these environments. Throws a {@link CliError} that names every one at fault. */
export function assertVariables(config: string, environments: readonly string[]): void {
  const findings = environments.flatMap((env) => checkVariables({ config, env }))
  const lines = findings.map(({ found, cause, fix }) => `${found}: ${cause} ${fix}`)
  if (lines.length > 0) throw new CliError(lines.join('\n'))
}

async function deployedEnvironments(): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'wrangler.toml'), 'utf8')
  return [...new Set([...text.matchAll(/^\[+env\.([a-z]+)/gm)].flatMap(([, name]) => name ?? []))].sort()
}

/** wrangler exits with 0 after a warning, such as that of a missing binding. Here a warning is a failure. */
async function checkEnvironment(environment: string): Promise<void> {
  await withBundle(environment, async ({ code, output }) => {
    const missing = BINDINGS.filter((binding) => !output.includes(binding))
    if (code === 0 && missing.length === 0 && !warnings(output).some((warning) => !warning.includes(EXPECTED_WARNING)))
      return
    const details = missing.length > 0 ? `Missing bindings: ${missing.join(', ')}.\n` : ''
    throw new CliError(`wrangler deploy --dry-run --env ${environment} failed. ${details}${output}`)
  })
}

function warnings(output: string): readonly string[] {
  return output.split('WARNING').slice(1)
}
