import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from '../../operator/cli-error.ts'

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const TIMEOUT_MS = 120_000
/** Nothing of the local tools may need the network, or ask a question. */
export const QUIET = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  NO_COLOR: '1',
}

/**
 * Runs a program of `node_modules/.bin` in the repository's folder, without a terminal, and waits for its end.
 * `output` is what it printed, both streams together.
 */
export async function runTool(
  name: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', '.bin', name), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  })
  let output = ''
  const read = (chunk: Buffer) => {
    output += chunk
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, output: output.trim() }
}

/** Runs a program as `runTool` does and complains, with all that it printed, unless it ends well. */
export async function runToolWell(name: string, args: readonly string[]): Promise<string> {
  const { code, output } = await runTool(name, args)
  if (code !== 0) throw new CliError(`${name} ${args.join(' ')} failed:\n${output}`)
  return output
}
