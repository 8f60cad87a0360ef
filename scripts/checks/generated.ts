import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { CliError } from '../../operator/cli-error.ts'
import { staleFiles } from '../docs/files.ts'
import { staleElementFiles } from '../lib/elements.ts'
import { ROOT, runTool, runToolWell } from '../lib/tool.ts'

const ENV_TYPES = 'src/worker-configuration.d.ts'

/** Compares every generated file with what its source generates now. Throws a {@link CliError} that lists the stale ones. */
export async function checkGenerated(): Promise<void> {
  const checks = [
    envTypesAreFresh,
    migrationsAreConsistent,
    migrationsAreComplete,
    docsAreFresh,
    elementsAreFresh,
    documentIsValid,
  ]
  const results = await Promise.allSettled(checks.map((check) => check()))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  const unexpected = failures.find((failure) => !(failure instanceof CliError))
  if (unexpected) throw unexpected
  if (failures.length > 0) throw new CliError(failures.map(({ message }) => message).join('\n\n'))
  console.log('All generated files are up to date.')
}

async function envTypesAreFresh(): Promise<void> {
  const { code, output } = await runTool('wrangler', [
    'types',
    ENV_TYPES,
    '--env-file',
    '/dev/null',
    '--include-runtime=false',
    '--check',
  ])
  if (code !== 0) throw new CliError(`${ENV_TYPES} is out of date, run npm run types:\n${output}`)
}

async function migrationsAreConsistent(): Promise<void> {
  await runToolWell('drizzle-kit', ['check', '--config', 'scripts/drizzle.config.ts'])
}

/** Generates into a copy of `drizzle/`, which stays unchanged. */
async function migrationsAreComplete(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-migrations-'))
  try {
    await cp(join(ROOT, 'drizzle'), folder, { recursive: true })
    const before = await contentsOf(folder)
    // drizzle-kit accepts no absolute path, and exits with 0 even when it fails or needs an answer.
    const target = ['--dialect', 'turso', '--schema', 'src/store/schema.ts', '--out', relative(ROOT, folder)]
    const output = await runToolWell('drizzle-kit', ['generate', ...target])
    const isSame = isDeepStrictEqual(await contentsOf(folder), before)
    if (isSame && output.includes('No schema changes')) return
    throw new CliError(`src/store/schema.ts has changes without a migration, run npm run db:generate:\n${output}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function contentsOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')])))
}

/** The OpenAPI document, its pages and their assets. */
async function docsAreFresh(): Promise<void> {
  const stale = await staleFiles()
  if (stale.length > 0)
    throw new CliError(`Run npm run docs, and delete files that it does not write:\n${stale.join('\n')}`)
}

async function elementsAreFresh(): Promise<void> {
  const stale = await staleElementFiles()
  if (stale.length > 0) throw new CliError(`Out of date, run npm run build:elements:\n${stale.join('\n')}`)
}

/** Warnings of the linter are failures. */
async function documentIsValid(): Promise<void> {
  const { code, output } = await runTool('redocly', ['lint', 'docs/openapi.json'])
  if (code !== 0 || /\bwarning/i.test(output)) throw new CliError(`docs/openapi.json has errors:\n${output}`)
}
