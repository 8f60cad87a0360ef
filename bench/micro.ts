import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../scripts/lib/process.ts'
import type { Workerd } from '../scripts/lib/workerd.ts'
import { cpuMsOf } from './lib/cpu.ts'
import { startMicroWorker } from './lib/micro-worker.ts'
import { rounded, type Spread, spread } from './lib/statistics.ts'

/*
 * What single steps of a request cost in the runtime that serves them, beside libraries that do the same. On its own:
 * node bench/micro.ts. The clock of a Worker stands still while it computes, so the CPU time of its process is read from
 * outside, and that of as many repetitions of nothing is taken off. Linux only.
 */

const ROUNDS = 7
/** How long a request should keep the runtime busy: long beside what the request itself costs. */
const BUSY_MS = 100
const FEWEST_TIMES = 512
const MOST_TIMES = 1_000_000
/** A thread's time is written down when it goes to sleep. */
const REST_MS = 5

/** What one step costs, in microseconds. */
export type MicroResult = {
  readonly what: string
  readonly by: string
  /** CPU of the whole runtime: garbage collection and compilation too, whichever thread does it. */
  readonly cpuMicroseconds: Spread
  /** As a client sees it; another process on the same core adds to it. */
  readonly wallMicroseconds: Spread
  readonly times: number
  readonly rounds: number
}

type Job = { readonly id: number; readonly what: string; readonly by: string }
type Cost = { readonly cpuMs: number; readonly wallMs: number }

/** Measures all of them in turn, so that whatever the machine does, it does to each. */
export async function runMicro(options: { readonly rounds?: number } = {}): Promise<readonly MicroResult[]> {
  const worker = await startMicroWorker()
  try {
    const [nothing, ...jobs] = await listJobs(worker)
    if (nothing === undefined) throw new Error('the Worker has no jobs')
    const measured = []
    for (const job of jobs) measured.push({ job, times: await fittingTimes(worker, job), costs: [] as Cost[] })
    for (let round = 0; round < (options.rounds ?? ROUNDS); round += 1) {
      for (const { job, times, costs } of measured) costs.push(await costOf(worker, { job, nothing, times }))
    }
    return measured.map(toResult)
  } finally {
    await worker.end()
  }
}

/** A table to read, in the order of the measurement. */
export function formatMicro(results: readonly MicroResult[]): string {
  const rows = results.map(({ what, by, cpuMicroseconds: cpu, wallMicroseconds: wall }) => [
    what,
    by,
    cpu.median.toFixed(1),
    `${cpu.min.toFixed(1)} to ${cpu.max.toFixed(1)}`,
    wall.median.toFixed(1),
  ])
  return [['step', 'by', 'µs of CPU', 'in all rounds', 'µs'], ['---', '---', '--:', '--:', '--:'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

async function listJobs({ url }: Workerd): Promise<readonly Job[]> {
  const jobs = (await (await fetch(`${url}/jobs`)).json()) as readonly Omit<Job, 'id'>[]
  return jobs.map((job, id) => ({ ...job, id }))
}

/** As many repetitions as keep the runtime busy for long enough; finding out warms it up. */
async function fittingTimes(worker: Workerd, job: Job): Promise<number> {
  let times = FEWEST_TIMES
  while (times < MOST_TIMES && (await ask(worker, { job, times })).cpuMs < BUSY_MS) times *= 2
  return times
}

async function costOf(worker: Workerd, request: { job: Job; nothing: Job; times: number }): Promise<Cost> {
  const { job, nothing, times } = request
  const empty = await ask(worker, { job: nothing, times })
  const full = await ask(worker, { job, times })
  return { cpuMs: full.cpuMs - empty.cpuMs, wallMs: full.wallMs - empty.wallMs }
}

async function ask({ url, child }: Workerd, { job, times }: { job: Job; times: number }): Promise<Cost> {
  const pid = child.process.pid ?? 0
  const before = await cpuMsOf(pid)
  const startedAt = performance.now()
  const { status } = await fetch(`${url}/jobs/${job.id}?times=${times}`)
  const wallMs = performance.now() - startedAt
  if (status !== 204) throw new Error(`${job.by} could not ${job.what}: ${child.lastWords()}`)
  await sleep(REST_MS)
  return { cpuMs: (await cpuMsOf(pid)) - before, wallMs }
}

function toResult(measured: { job: Job; times: number; costs: readonly Cost[] }): MicroResult {
  const { job, times, costs } = measured
  const each = (of: (cost: Cost) => number) => spread(costs.map((cost) => rounded((of(cost) * 1_000) / times, 3)))
  const { what, by } = job
  const cpuMicroseconds = each(({ cpuMs }) => cpuMs)
  return { what, by, cpuMicroseconds, wallMicroseconds: each(({ wallMs }) => wallMs), times, rounds: costs.length }
}

if (import.meta.main) await run(async () => console.log(formatMicro(await runMicro())))
