import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { CliError } from '../operator/cli-error.ts'
import { run } from './lib/process.ts'
import { QUIET, ROOT } from './lib/tool.ts'

/*
 * The long form of the tests of what can go wrong, one step after another. Any step that fails fails the whole.
 */

const LIMIT_MS = 20 * 60_000
/** How many histories the model is held against in each of its two files, which run side by side. */
const MODEL_HISTORIES = 5_000
/** Runs inside the Workers runtime. */
const MODEL = 'torture/model/'
/** Files that load the machine on purpose, or measure time. */
const ALONE = ['torture/kill/kill.test.ts', 'torture/load/load.test.ts', 'torture/hostile/timing.test.ts']

type Step = { readonly name: string; readonly args: readonly string[] }

await run(async () => {
  const startedAt = Date.now()
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-torture-'))
  const report = join(folder, 'report.jsonl')
  try {
    const failed: string[] = []
    for (const step of await steps()) {
      console.log(`\n${clock(startedAt)} ${step.name}`)
      if (!(await tests(step, { report, timeoutMs: LIMIT_MS - (Date.now() - startedAt) }))) failed.push(step.name)
    }
    console.log(`\n${await table(report)}\n${clock(startedAt)} done`)
    if (failed.length > 0) throw new CliError(`These failed: ${failed.join(', ')}.`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** What runs inside the Workers runtime first; then what need not be alone, two files at a time; then the rest. */
async function steps(): Promise<readonly Step[]> {
  const files = (await readdir(join(ROOT, 'torture'), { recursive: true })).map((file) => `torture/${file}`).sort()
  const tests = files.filter((file) => file.endsWith('.test.ts') && !file.startsWith(MODEL))
  const sociable = tests.filter((file) => !ALONE.includes(file))
  return [
    { name: 'model', args: [MODEL, '--maxWorkers=2'] },
    {
      name: 'faults, drills, hostile input',
      args: ['test/faults', ...sociable],
    },
    ...ALONE.map((file) => ({ name: basename(file, '.test.ts'), args: [file] })),
  ]
}

async function tests({ args }: Step, options: { report: string; timeoutMs: number }): Promise<boolean> {
  if (options.timeoutMs <= 0) return false
  const vitest = join(ROOT, 'node_modules', '.bin', 'vitest')
  const child = spawn(process.execPath, [vitest, 'run', ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...QUIET,
      TORTURE: 'long',
      TORTURE_REPORT: options.report,
      MODEL_HISTORIES: String(MODEL_HISTORIES),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: options.timeoutMs,
  })
  return (await new Promise((resolve) => child.once('close', resolve))) === 0
}

async function table(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines
    .map((line) => JSON.parse(line) as { what: string; figures: Readonly<Record<string, string | number>> })
    .map(
      ({ what, figures }) =>
        `${what}\n${Object.entries(figures)
          .map(([name, value]) => `  ${name}: ${value}`)
          .join('\n')}`,
    )
    .join('\n')
}

function clock(startedAt: number): string {
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  return `[${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}]`
}
