import type { Case, Exchange } from '../contenders/contender.ts'
import { cpuMsOf } from './cpu.ts'
import type { Call } from './proxy.ts'
import type { Stage } from './stage.ts'
import { median } from './statistics.ts'

/** Makes ready so many requests of a case, eight at a time, without distance; undefined where there is no such case. */
export async function prepareMany(
  stage: Stage,
  options: { wanted: Case; count: number },
): Promise<Exchange[] | undefined> {
  const { wanted, count } = options
  const exchanges: (Exchange | undefined)[] = []
  stage.proxy.delay(0)
  for (let made = 0; made < count; made += 8) {
    const some = Array.from({ length: Math.min(8, count - made) }, () => stage.prepare(wanted))
    exchanges.push(...(await Promise.all(some)))
  }
  const known = exchanges.filter((each) => each !== undefined)
  return known.length === count ? known : undefined
}

/** Requests of which the one with the fewest calls counts: some do now and then what others need not. */
const WATCHED = 3

/** The calls of the database that one request makes; undefined where there is no such case. */
export async function countCalls(stage: Stage, wanted: Case): Promise<readonly Call[] | undefined> {
  const exchanges = await prepareMany(stage, { wanted, count: WATCHED })
  if (exchanges === undefined) return undefined
  const watched: (readonly Call[])[] = []
  for (const exchange of exchanges) watched.push(await stage.proxy.watch(() => stage.time(exchange)))
  return watched.toSorted((one, other) => one.length - other.length)[0]
}

/** Milliseconds of each request, by contender. */
export type Latencies = ReadonlyMap<string, readonly number[]>

/** One client, one request after another, the contenders in turn: whatever the machine does, it does to all of them. */
export async function measureLatencies(
  stages: readonly Stage[],
  options: { readonly wanted: Case; readonly delayMs: number; readonly samples: number },
): Promise<Latencies> {
  const { wanted, delayMs, samples } = options
  const ready = new Map<Stage, Exchange[]>()
  for (const stage of stages) {
    const exchanges = await prepareMany(stage, { wanted, count: samples })
    if (exchanges !== undefined) ready.set(stage, exchanges)
  }
  for (const { proxy } of stages) proxy.delay(delayMs)
  const taken = new Map<string, number[]>([...ready.keys()].map(({ name }) => [name, []]))
  for (let index = 0; index < samples; index += 1) {
    for (const stage of rotated([...ready.keys()], index)) {
      const exchange = ready.get(stage)?.[index]
      const ms = exchange && (await stage.time(exchange))
      if (ms !== undefined) taken.get(stage.name)?.push(ms)
    }
  }
  for (const { proxy } of stages) proxy.delay(0)
  return taken
}

/** What many clients at once get, and what it costs. */
export type Load = {
  readonly perSecond: number
  /** Milliseconds of CPU for each request. */
  readonly workerCpuMs: number
  readonly databaseCpuMs: number
  readonly p50: number
}

/** So many clients without a pause, no distance. */
export async function measureLoad(
  stage: Stage,
  options: { readonly wanted: Case; readonly clients: number; readonly samples: number },
): Promise<Load | undefined> {
  const { wanted, clients, samples } = options
  const exchanges = await prepareMany(stage, { wanted, count: samples })
  if (exchanges === undefined) return undefined
  const cpu = async () => ({ worker: await cpuMsOf(stage.workerPid), database: await cpuMsOf(stage.databasePid) })
  const before = await cpu()
  const startedAt = performance.now()
  const latencies: number[] = []
  const client = async () => {
    for (let exchange = exchanges.pop(); exchange; exchange = exchanges.pop()) {
      const ms = await stage.time(exchange)
      if (ms !== undefined) latencies.push(ms)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - startedAt) / 1000
  const after = await cpu()
  return {
    perSecond: latencies.length / seconds,
    workerCpuMs: (after.worker - before.worker) / latencies.length,
    databaseCpuMs: (after.database - before.database) / latencies.length,
    p50: median(latencies),
  }
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const start = by % Math.max(items.length, 1)
  return [...items.slice(start), ...items.slice(0, start)]
}
