import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'
import { withBundle } from './bundle.ts'
import { type Child, startChild, waitUntil } from './process.ts'
import type { Settings } from './settings.ts'
import { ROOT } from './tool.ts'

const START_TIMEOUT_MS = 30_000

/** A runtime with one Worker, and nothing between it and whoever asks. */
export type Workerd = {
  readonly url: string
  readonly child: Child
  /** Ends the process, and takes away what it was started from. */
  readonly end: () => Promise<void>
}

/** The Worker as a deploy would upload it: one module, minified. */
export async function buildWorker(): Promise<string> {
  return withBundle('', async ({ folder, code, output }) => {
    if (code !== 0) throw new CliError(`wrangler deploy --dry-run failed:\n${output}`)
    return readFile(join(folder, 'worker.js'), 'utf8')
  })
}

/**
 * Starts a Worker in the runtime that serves it in production, without `wrangler dev` around it, and waits until it
 * answers. It has its settings and no other binding: no limits, no files, no cron.
 */
export async function startWorkerd(options: {
  /** The text of its only module. */
  readonly script: string
  readonly settings: Settings
  readonly port: number
  readonly compatibilityFlags?: readonly string[]
  /** Where a debugger may listen on loopback. */
  readonly inspectorPort?: number | undefined
  /** Milliseconds between two looks whether it answers. */
  readonly pollMs?: number
  /** Of the JavaScript engine. */
  readonly v8Flags?: readonly string[] | undefined
  /** Gets each line that the runtime or the Worker prints. */
  readonly onLine?: ((line: string) => void) | undefined
}): Promise<Workerd> {
  const { script, settings, port, compatibilityFlags = [], v8Flags = [], inspectorPort, onLine } = options
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-workerd-'))
  const config = join(folder, 'config.capnp')
  await writeFile(join(folder, 'worker.js'), script)
  await writeFile(
    config,
    configText({ settings, port, compatibilityFlags, v8Flags, compatibilityDate: await compatibilityDate() }),
  )
  const inspector = inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`]
  const child = startChild(workerdBinary(), ['serve', ...inspector, config], { ...(onLine && { onLine }) })
  const end = async () => {
    await child.end()
    await rm(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  const answers = async () => (await fetch(url, { signal: AbortSignal.timeout(5_000) })).status > 0
  if (await waitUntil(answers, { timeoutMs: START_TIMEOUT_MS, child, pollMs: options.pollMs }))
    return { url, child, end }
  await end()
  throw new CliError(`workerd did not start: ${child.lastWords()}`)
}

function configText(options: {
  readonly settings: Settings
  readonly port: number
  readonly compatibilityFlags: readonly string[]
  readonly v8Flags: readonly string[]
  readonly compatibilityDate: string
}): string {
  const bindings = Object.entries(options.settings).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${options.port}", http = (), service = "main")],
  v8Flags = ${JSON.stringify(options.v8Flags)},
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  bindings = [${bindings.join(', ')}],
  compatibilityDate = "${options.compatibilityDate}",
  compatibilityFlags = ${JSON.stringify(options.compatibilityFlags)},
);
`
}

/** That of the deployed Worker. */
async function compatibilityDate(): Promise<string> {
  const [, date] = /^compatibility_date = "(.+)"$/m.exec(await readFile(join(ROOT, 'wrangler.toml'), 'utf8')) ?? []
  if (date === undefined) throw new CliError('wrangler.toml has no compatibility_date.')
  return date
}

/** The runtime that wrangler brings along. */
function workerdBinary(): string {
  const wrangler = createRequire(createRequire(import.meta.url).resolve('wrangler/package.json'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@cloudflare/workerd-${platform}-${process.arch === 'x64' ? '64' : process.arch}`
  return createRequire(wrangler.resolve('workerd/package.json')).resolve(`${name}/bin/workerd`)
}
