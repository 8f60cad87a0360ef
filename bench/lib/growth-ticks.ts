import { freePort } from '../../scripts/lib/process.ts'
import { freshSecrets, type Settings } from '../../scripts/lib/settings.ts'
import { startWorkerd } from '../../scripts/lib/workerd.ts'
import { cpuMsOf } from './cpu.ts'
import { freshKey, makeDue } from './growth-due.ts'
import type { Population } from './growth-population.ts'
import { type JobReport, TICK_PATH } from './growth-ticker.ts'
import { median, rounded } from './statistics.ts'

/** Ticks of one kind; the middle one counts. */
const TICKS = 3

/** What one tick of the cron costs, in milliseconds, and what its jobs did. */
export type TickCost = {
  /** How much there was to do. */
  readonly due: 'nothing to do' | 'as much as it may do' | 'the key of all codes gone'
  readonly wallMs: number
  readonly workerCpuMs: number
  readonly databaseCpuMs: number
  readonly jobs: readonly JobReport[]
}

type Tick = Omit<TickCost, 'due'>

/**
 * A tick with nothing to do, as nearly all are; one with as much as a tick may do, while keys are rotated; and the first
 * ones after the key of all backup codes was taken away. A receiver of webhooks is configured, and nothing waits for it.
 */
export async function measureTicks(population: Population, script: string): Promise<readonly TickCost[]> {
  const { client, service } = population
  const current = service.settings['MFA_KEYS'] ?? ''
  const oldKey = freshKey('kold')
  await client.execute('DELETE FROM verify_repeat')
  const nothing = await ticks(population, { script, keys: current })
  await makeDue(client, { ticks: TICKS + 1, oldKey })
  const full = await ticks(population, { script, keys: `${current},${oldKey.setting}` })
  const allVoid = await ticks(population, { script, keys: freshKey('knew').setting })
  return [
    { due: 'nothing to do', ...nothing },
    { due: 'as much as it may do', ...full },
    { due: 'the key of all codes gone', ...allVoid },
  ]
}

/** The first tick warms a runtime of its own up; the middle one of the others counts. */
async function ticks(population: Population, options: { script: string; keys: string }): Promise<Tick> {
  const port = await freePort()
  const settings = await settingsOf(population, { port, keys: options.keys })
  const worker = await startWorkerd({ script: options.script, settings, port })
  try {
    const pids = [worker.child.process.pid ?? 0, population.service.database.process.pid ?? 0] as const
    const done: Tick[] = []
    for (let count = 0; count <= TICKS; count += 1) {
      await population.client.execute('DELETE FROM outbox')
      const cost = await tick(worker.url, pids)
      if (count > 0) done.push(cost)
    }
    const middle = median(done.map(({ wallMs }) => wallMs))
    return done.find(({ wallMs }) => wallMs === middle) ?? Promise.reject(new Error('no tick'))
  } finally {
    await worker.end()
  }
}

async function settingsOf({ service }: Population, options: { port: number; keys: string }): Promise<Settings> {
  return {
    ...service.settings,
    PUBLIC_URL: `http://127.0.0.1:${options.port}`,
    MFA_KEYS: options.keys,
    WEBHOOK_URL: `http://127.0.0.1:${options.port}/receiver`,
    WEBHOOK_SECRET: (await freshSecrets()).WEBHOOK_SECRET,
  }
}

async function tick(url: string, [worker, database]: readonly [number, number]): Promise<Tick> {
  const [worker0, database0] = [await cpuMsOf(worker), await cpuMsOf(database)]
  const startedAt = performance.now()
  const response = await fetch(url + TICK_PATH)
  const jobs = (await response.json()) as readonly JobReport[]
  const wallMs = rounded(performance.now() - startedAt)
  return {
    wallMs,
    workerCpuMs: rounded((await cpuMsOf(worker)) - worker0),
    databaseCpuMs: rounded((await cpuMsOf(database)) - database0),
    jobs: jobs.map(toReport),
  }
}

function toReport({ job, level, cause, durationMs, databaseRoundTrips, rowsRead, rowsWritten }: JobReport): JobReport {
  return { job, level, ...(cause && { cause }), durationMs, databaseRoundTrips, rowsRead, rowsWritten }
}
