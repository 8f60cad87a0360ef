import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CliError } from '../../operator/cli-error.ts'
import { withBundle } from '../lib/bundle.ts'

/** The maximum size of the Worker, minified and gzipped. Every cold start loads and parses all of it. */
const BUDGET_BYTES = 95_000

/** Bundles the Worker and throws a {@link CliError} when it is larger than the budget. */
export async function checkSize(): Promise<void> {
  report(
    await withBundle('', ({ folder, code, output }) => {
      if (code !== 0) throw new CliError(`wrangler deploy --dry-run failed:\n${output}`)
      return gzippedBytes(folder)
    }),
  )
}

async function gzippedBytes(folder: string): Promise<number> {
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  if (scripts.length === 0) throw new CliError('wrangler wrote no script.')
  const contents = await Promise.all(scripts.map((name) => readFile(join(folder, name))))
  return contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0)
}

function report(bytes: number): void {
  const line = `The Worker is ${inKilobytes(bytes)} gzipped; the budget is ${inKilobytes(BUDGET_BYTES)}.`
  if (bytes > BUDGET_BYTES) throw new CliError(line)
  console.log(line)
}

function inKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}
