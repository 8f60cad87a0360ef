import { parseArgs } from 'node:util'
import { run } from '../scripts/lib/process.ts'
import { type Population, startPopulation } from './lib/growth-population.ts'
import {
  costOf,
  GROWTH_CASES,
  type GrowthCase,
  measureRound,
  type RequestCost,
  type Round,
} from './lib/growth-requests.ts'
import { buildTickingWorker } from './lib/growth-script.ts'
import { measureTicks, type TickCost } from './lib/growth-ticks.ts'

/*
 * Whether a request, or a tick of the cron, costs more where there are more subjects. On its own:
 * node bench/growth.ts --subjects 1000,100000,1000000. A million subjects take 2.5 GB, twice that with the server's log,
 * and some minutes to load. Linux only.
 */

const ROUNDS = 5
const SAMPLES = 30

/** What requests and ticks cost beside so many subjects. */
export type GrowthResult = {
  readonly subjects: number
  readonly bytesPerSubject: number
  readonly loadSeconds: number
  readonly requests: Readonly<Record<GrowthCase, RequestCost>>
  readonly ticks: readonly TickCost[]
}

/** Fills a database for each size, and asks all of them in turn, so that whatever the machine does, it does to each. */
export async function runGrowth(
  sizes: readonly number[],
  options: { readonly samples?: number; readonly report?: (line: string) => void } = {},
): Promise<readonly GrowthResult[]> {
  const { samples = SAMPLES, report = console.error } = options
  const script = await buildTickingWorker()
  const populations: Population[] = []
  try {
    for (const subjects of sizes) {
      populations.push(await startPopulation({ subjects, people: samples * (ROUNDS + 1), script, report }))
    }
    const requests = await measureRequests(populations, samples)
    const results: GrowthResult[] = []
    for (const population of populations) {
      const { subjects, bytesPerSubject, loadSeconds } = population
      const ticks = await measureTicks(population, script)
      results.push({ subjects, bytesPerSubject, loadSeconds, requests: requestsOf(population, requests), ticks })
    }
    return results
  } finally {
    await Promise.all(populations.map(({ end }) => end()))
  }
}

type Key = `${number} ${GrowthCase}`

/** The first round of each warms everything up. */
async function measureRequests(
  populations: readonly Population[],
  samples: number,
): Promise<ReadonlyMap<Key, readonly Round[]>> {
  const rounds = new Map<Key, Round[]>()
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const wanted of GROWTH_CASES) {
      for (const population of populations) {
        const measured = await measureRound(population, { wanted, round, samples })
        const key: Key = `${population.subjects} ${wanted}`
        if (round > 0) rounds.set(key, [...(rounds.get(key) ?? []), measured])
      }
    }
  }
  return rounds
}

function requestsOf(
  { subjects }: Population,
  rounds: ReadonlyMap<Key, readonly Round[]>,
): Readonly<Record<GrowthCase, RequestCost>> {
  const costs = GROWTH_CASES.map((wanted) => [wanted, costOf(rounds.get(`${subjects} ${wanted}`) ?? [])] as const)
  return Object.fromEntries(costs) as Record<GrowthCase, RequestCost>
}

/** Two tables to read: requests, then ticks with all their jobs together. */
export function formatGrowth(results: readonly GrowthResult[]): string {
  const requests = results.flatMap(({ subjects, bytesPerSubject, requests }) =>
    GROWTH_CASES.map((wanted) => {
      const { p50Ms, p95Ms, workerCpuMs, databaseCpuMs, unavailable } = requests[wanted]
      const figures = [p50Ms, p95Ms, workerCpuMs.median, databaseCpuMs.median].map((value) => value.toFixed(1))
      return [subjects, bytesPerSubject, wanted, ...figures, unavailable]
    }),
  )
  const ticks = results.flatMap(({ subjects, ticks }) => ticks.map((tick) => [subjects, ...tickRow(tick)]))
  const cpu = ['Worker CPU ms', 'database CPU ms']
  return [
    table(['subjects', 'bytes each', 'request', 'p50 ms', 'p95 ms', ...cpu, '503'], requests),
    table(['subjects', 'a tick with', 'ms', ...cpu, 'calls', 'rows read', 'rows written', 'failed'], ticks),
  ].join('\n\n')
}

function tickRow({ due, wallMs, workerCpuMs, databaseCpuMs, jobs }: TickCost): readonly (string | number)[] {
  const figures = [wallMs, workerCpuMs, databaseCpuMs].map((value) => value.toFixed(1))
  const sums = (['databaseRoundTrips', 'rowsRead', 'rowsWritten'] as const).map((name) =>
    jobs.reduce((sum, each) => sum + each[name], 0),
  )
  const failed = jobs.filter(({ level }) => level === 'error').map(({ job }) => job)
  return [due, ...figures, ...sums, failed.join(', ') || 'none']
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

if (import.meta.main) {
  await run(async () => {
    const { values } = parseArgs({
      options: { subjects: { type: 'string', default: '1000,100000' }, samples: { type: 'string', default: '30' } },
    })
    const sizes = values.subjects.split(',').map(Number)
    console.log(formatGrowth(await runGrowth(sizes, { samples: Number(values.samples) })))
  })
}
