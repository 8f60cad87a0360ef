import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyMigrations } from '../../operator/migrations.ts'
import { freePort, waitUntil } from '../../scripts/lib/process.ts'
import { localSettings, type Settings } from '../../scripts/lib/settings.ts'
import { startSqld } from '../../scripts/lib/sqld.ts'
import { startWorkerd, type Workerd } from '../../scripts/lib/workerd.ts'
import { builtWorker } from '../lib/run.ts'

const CRON = '/cdn-cgi/handler/scheduled'
const TICK_TIMEOUT_MS = 60_000
const DRAIN_TIMEOUT_MS = 10_000
/** How long what follows an answer, a webhook say, may still take in a version that nobody asks any more. */
const AFTERMATH_MS = 500

type Version = { readonly worker: Workerd; underWay: number; answered: number }

/** A service that is deployed anew without a pause: for a while both versions answer, as they do at the edge. */
export type Fleet = {
  readonly databaseUrl: string
  /** Those of the newest version. */
  readonly settings: () => Settings
  /** Sends a request to any version that answers. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  /** Deploys with other settings; each of both versions answers some requests before the older one goes. */
  readonly deploy: (changes: Settings, options?: { readonly together?: number }) => Promise<void>
  /** One tick of the cron. */
  readonly tick: () => Promise<void>
  readonly end: () => Promise<void>
}

/** The Worker of a deploy, beside a path that fires its cron: the bare runtime has none. */
export function withCron(): string {
  const script = builtWorker()
  const wrapped = script.replace(
    /export\{(\w+) as default\};/,
    `export default { fetch: async (request, env, context) => new URL(request.url).pathname === '${CRON}'
      ? (await $1.scheduled({}, env, context), new Response()) : $1.fetch(request, env, context) };`,
  )
  if (wrapped === script) throw new Error('the bundle exports no Worker')
  return wrapped
}

/** Starts a service on a database of its own. */
export async function startFleet(options: {
  readonly script: string
  readonly overrides?: Settings
  /** A database that is there already. */
  readonly databaseUrl?: string
}): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-drill-'))
  const database = options.databaseUrl === undefined ? await startDatabase(folder) : undefined
  const databaseUrl = options.databaseUrl ?? database?.url ?? ''
  let settings: Settings = { ...(await localSettings()), TURSO_DATABASE_URL: databaseUrl, ...options.overrides }
  const start = async (): Promise<Version> => {
    const worker = await startWorkerd({ script: options.script, settings, port: await freePort() })
    return { worker, underWay: 0, answered: 0 }
  }
  let versions = [await start()]
  let turn = 0

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const version = versions[turn++ % versions.length]
    if (version === undefined) throw new Error('the service has ended')
    version.underWay += 1
    try {
      const response = await fetch(`${version.worker.url}${path}`, init)
      const body = await response.arrayBuffer()
      const { status, headers } = response
      return new Response(status === 204 ? null : body, { status, headers })
    } finally {
      version.underWay -= 1
      version.answered += 1
    }
  }

  async function deploy(changes: Settings, { together = 40 } = {}): Promise<void> {
    settings = { ...settings, ...changes }
    const older = versions
    const newer = await start()
    versions = [...older, newer]
    await waitUntil(async () => newer.answered >= together, { timeoutMs: DRAIN_TIMEOUT_MS })
    versions = [newer]
    await Promise.all(older.map(retire))
  }

  async function tick(): Promise<void> {
    const response = await send(CRON, { signal: AbortSignal.timeout(TICK_TIMEOUT_MS) })
    if (!response.ok) throw new Error(`the cron was answered ${response.status}`)
  }

  async function end(): Promise<void> {
    await Promise.all(versions.splice(0).map(({ worker }) => worker.end()))
    await database?.child.end()
    await rm(folder, { recursive: true, force: true })
  }

  return { databaseUrl, settings: () => settings, send, deploy, tick, end }
}

async function startDatabase(folder: string): Promise<Awaited<ReturnType<typeof startSqld>>> {
  const started = await startSqld({ folder, port: await freePort() })
  await applyMigrations({ url: started.url })
  return started
}

/** Lets a version finish what it has under way, then ends it. */
async function retire(version: Version): Promise<void> {
  await waitUntil(async () => version.underWay === 0, { timeoutMs: DRAIN_TIMEOUT_MS })
  await sleep(AFTERMATH_MS)
  await version.worker.end()
}
