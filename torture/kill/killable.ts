import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { applyMigrations } from '../../operator/migrations.ts'
import { type Child, hasEnded, isPortFree } from '../../scripts/lib/process.ts'
import { localSettings, type Settings } from '../../scripts/lib/settings.ts'
import { startSqld } from '../../scripts/lib/sqld.ts'
import { startWorkerd } from '../../scripts/lib/workerd.ts'
import { builtWorker } from '../lib/run.ts'

/** A Worker and its database, each of which can be killed (SIGKILL) and comes back where it was. */
export type KillableService = {
  readonly url: string
  readonly settings: Settings
  readonly databaseUrl: string
  /** Both are over when it runs again. */
  readonly killDatabase: () => Promise<void>
  readonly killWorker: () => Promise<void>
  /** Holds the database still for so long: what it was sent it does afterwards. */
  readonly stallDatabase: (ms: number) => Promise<void>
  readonly end: () => Promise<void>
}

/** Below the ports that outgoing connections get: while nobody listens on it, nobody else takes it. */
const PORTS = { from: 20_000, to: 30_000 }

/** Starts both on a fresh folder. */
export async function startKillableService(): Promise<KillableService> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-kill-'))
  const script = builtWorker()
  const databasePort = await fixedPort()
  const startDatabase = () => startSqld({ folder, port: databasePort })
  let database = await startDatabase()
  await applyMigrations({ url: database.url })
  const port = await fixedPort()
  const settings = {
    ...(await localSettings()),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    TURSO_DATABASE_URL: database.url,
  }
  const startWorker = () => startWorkerd({ script, settings, port })
  let worker = await startWorker()
  return {
    url: worker.url,
    settings,
    databaseUrl: database.url,
    killDatabase: async () => {
      await kill(database.child)
      database = await startDatabase()
    },
    killWorker: async () => {
      await kill(worker.child)
      await worker.end()
      worker = await startWorker()
    },
    stallDatabase: async (ms) => {
      database.child.process.kill('SIGSTOP')
      await sleep(ms)
      database.child.process.kill('SIGCONT')
    },
    end: async () => {
      await worker.end()
      await database.child.end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function kill(child: Child): Promise<void> {
  const over = new Promise((resolve) => child.process.once('exit', resolve))
  if (!hasEnded(child)) {
    child.process.kill('SIGKILL')
    await over
  }
  await child.end()
}

async function fixedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to)
    if (await isPortFree(port)) return port
  }
}
