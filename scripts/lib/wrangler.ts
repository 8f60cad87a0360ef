import { createRequire } from 'node:module'
import { join } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'
import { type Child, startChild, waitUntil } from './process.ts'
import { QUIET } from './tool.ts'

const START_TIMEOUT_MS = 60_000

/** Starts the Worker under `wrangler dev` and waits until it answers. `onLog` gets the lines that the Worker logs. */
export async function startWorker(options: {
  port: number
  folder: string
  settings: Readonly<Record<string, string>>
  onLog: (line: string) => void
}): Promise<Child> {
  const child = startChild(process.execPath, [wranglerScript(), ...wranglerArguments(options)], {
    env: {
      ...QUIET,
      WRANGLER_REGISTRY_PATH: join(options.folder, 'registry'),
      WRANGLER_LOG_PATH: join(options.folder, 'logs'),
    },
    onLine: (line) => {
      if (/^[{✘]|ERROR/.test(line)) options.onLog(line)
    },
  })
  const url = `http://127.0.0.1:${options.port}/health`
  const isReady = async () => (await fetch(url, { signal: AbortSignal.timeout(5_000) })).status > 0
  if (await waitUntil(isReady, { timeoutMs: START_TIMEOUT_MS, child })) return child
  await child.end()
  throw new CliError(`wrangler dev did not start: ${child.lastWords()}`)
}

function wranglerScript(): string {
  return join(createRequire(import.meta.url).resolve('wrangler/package.json'), '..', 'bin', 'wrangler.js')
}

function wranglerArguments(options: {
  port: number
  folder: string
  settings: Readonly<Record<string, string>>
}): string[] {
  const server = ['--ip', '127.0.0.1', '--port', String(options.port), '--inspector-port', '0']
  const state = ['--persist-to', join(options.folder, 'worker'), '--show-interactive-dev-session=false']
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  return ['dev', ...server, ...state, ...settings]
}
