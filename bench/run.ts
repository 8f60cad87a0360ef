import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { replaceMarked } from '../scripts/lib/markers.ts'
import { run } from '../scripts/lib/process.ts'
import { CASES, type Case, type Contender } from './contenders/contender.ts'
import { edgeMfa } from './contenders/edge-mfa.ts'
import { floor, type Plans } from './contenders/floor.ts'
import { peer } from './contenders/peer.ts'
import { formatGrowth, runGrowth } from './growth.ts'
import { chart } from './lib/chart.ts'
import { formatCalls, formatLatency, formatLoad, formatParts, formatWeights } from './lib/format.ts'
import { performanceTables } from './lib/markdown.ts'
import { countCalls, type Latencies, type Load, measureLatencies, measureLoad } from './lib/measure.ts'
import type { Call } from './lib/proxy.ts'
import { type CallCounts, type LatencyResult, type LoadResult, machine, type Results } from './lib/results.ts'
import { type Stage, startStage } from './lib/stage.ts'
import { median, quantile, rounded, type Spread, spread } from './lib/statistics.ts'
import { weigh, weighParts } from './lib/weigh.ts'
import { formatMicro, runMicro } from './micro.ts'
import { profileWorker } from './profile.ts'
import { measureStorage } from './storage.ts'

/*
 * What this service costs beside the floor, which does the same calls of the database without any logic, and beside a peer
 * that does the same work. All of them in one run and in turn, so that only the ratios matter; docs/performance.md says
 * how to read them. Linux only: CPU time comes from /proc.
 */

const RESULTS = new URL('results.json', import.meta.url)
const DOCUMENT = new URL('../docs/performance.md', import.meta.url)
const CHART = new URL('../docs/images/performance.svg', import.meta.url)
const DELAYS_MS = [0, 20, 50] as const
const CLIENTS = 8
/** Requests of each case before anything is timed. */
const WARM_UP = 64

const USAGE =
  'npm run bench [-- --rounds 5 --samples 8 --growth 1000,100000] | -- profile | -- storage [--subjects 2000] | -- beside FILE'

await run(async () => {
  const { values, positionals } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      samples: { type: 'string', default: '8' },
      growth: { type: 'string', default: '1000,100000' },
      subjects: { type: 'string', default: '2000' },
    },
    allowPositionals: true,
  })
  switch (positionals[0]) {
    case undefined:
      return runAll(values)
    case 'profile':
      return profileWorker()
    case 'beside':
      return runBeside(positionals[1] ?? '', { rounds: Number(values.rounds), samples: Number(values.samples) })
    case 'storage':
      return measureStorage(Number(values.subjects))
    default:
      throw new CliError(USAGE)
  }
})

async function runAll(values: {
  readonly rounds: string
  readonly samples: string
  readonly growth: string
}): Promise<void> {
  const size = { rounds: Number(values.rounds), samples: Number(values.samples) }
  const ours = await edgeMfa()
  const first = await startStage(ours)
  const plans = await plansOf(first)
  const others = [await floor(plans), await peer()]
  const stages = [first, ...(await startAll(others))]
  const results = await measureAll(stages, size).finally(() => Promise.all(stages.map(({ end }) => end())))
  const weights = await weigh([ours, ...others])
  const parts = await weighParts(ours.script)
  console.log(`\n${formatWeights(weights)}\n\n${formatParts(parts)}`)
  const micro = await runMicro()
  console.log(`\n${formatMicro(micro)}`)
  const growth = await runGrowth(values.growth.split(',').map(Number))
  console.log(`\n${formatGrowth(growth)}`)
  const all: Results = {
    measuredAt: new Date().toISOString(),
    machine: machine(),
    rounds: size.rounds,
    ...results,
    weights,
    parts,
    micro,
    growth,
  }
  await write(all)
  console.log('\nWritten to bench/results.json, docs/performance.md and docs/images/performance.svg.')
}

/**
 * Measures this Worker beside another version of it: FILE is what `npx wrangler deploy --dry-run --outdir DIR` wrote in a
 * checkout of that version. Prints, and writes nothing.
 */
async function runBeside(file: string, size: { readonly rounds: number; readonly samples: number }): Promise<void> {
  const contenders = [await edgeMfa(), await edgeMfa({ name: 'before', script: await readFile(file, 'utf8') })]
  const stages = await startAll(contenders)
  await measureAll(stages, size).finally(() => Promise.all(stages.map(({ end }) => end())))
  console.log(`\n${formatWeights(await weigh(contenders))}`)
}

async function write(results: Results): Promise<void> {
  await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
  await writeFile(CHART, chart(results))
  const tables = Object.entries(performanceTables(results))
  const text = await readFile(DOCUMENT, 'utf8')
  const path = 'docs/performance.md'
  await writeFile(
    DOCUMENT,
    tables.reduce((written, [name, content]) => replaceMarked(written, { path, name, content }), text),
  )
}

async function startAll(contenders: readonly Contender[]): Promise<readonly Stage[]> {
  const stages: Stage[] = []
  for (const contender of contenders) stages.push(await startStage(contender))
  return stages
}

/** What the floor has to do: whatever we do. */
async function plansOf(stage: Stage): Promise<Plans> {
  const plans = new Map<Case, string>()
  for (const wanted of CASES) plans.set(wanted, ((await countCalls(stage, wanted)) ?? []).map(planOf).join('-'))
  return Object.fromEntries(plans) as Plans
}

function planOf({ isWrite, statements }: Call): string {
  return `${isWrite ? 'w' : 'r'}${statements}`
}

async function measureAll(
  stages: readonly Stage[],
  size: { readonly rounds: number; readonly samples: number },
): Promise<Pick<Results, 'calls' | 'latency' | 'load'>> {
  const calls = await countAll(stages)
  console.log(formatCalls(calls))
  await warmUp(stages)
  const latency: LatencyResult[] = []
  for (const delayMs of DELAYS_MS) {
    for (const wanted of CASES) {
      const rounds: Latencies[] = []
      for (let round = 0; round < size.rounds; round += 1) {
        rounds.push(await measureLatencies(stages, { wanted, delayMs, samples: size.samples }))
      }
      const result = latencyResult(rounds, { wanted, delayMs })
      latency.push(result)
      console.log(formatLatency(result))
    }
  }
  const load: LoadResult[] = []
  for (const wanted of CASES) {
    const result = await loadOf(stages, { wanted, ...size })
    load.push(result)
    console.log(formatLoad(result))
  }
  return { calls, latency, load }
}

/** Code runs slowly until its engine has seen it run: what a first request costs is measured with the start. */
async function warmUp(stages: readonly Stage[]): Promise<void> {
  for (const wanted of CASES)
    for (const stage of stages) await measureLoad(stage, { wanted, clients: CLIENTS, samples: WARM_UP })
}

async function countAll(stages: readonly Stage[]): Promise<CallCounts> {
  const counts = new Map<string, Record<string, readonly number[]>>()
  for (const wanted of CASES) {
    const row: Record<string, readonly number[]> = {}
    for (const stage of stages) {
      const calls = await countCalls(stage, wanted)
      if (calls !== undefined) row[stage.name] = calls.map(({ statements }) => statements)
    }
    counts.set(wanted, row)
  }
  return Object.fromEntries(counts)
}

function latencyResult(
  rounds: readonly Latencies[],
  what: { readonly wanted: Case; readonly delayMs: number },
): LatencyResult {
  const names = [...(rounds[0]?.keys() ?? [])]
  const contenders = names.map((name) => {
    const all = rounds.flatMap((round) => round.get(name) ?? [])
    const figures = { p50: rounded(median(all)), p99: rounded(quantile(all, 0.99)), samples: all.length }
    return [name, figures] as const
  })
  const [ours = '', ...others] = names
  const medianOf = (round: Latencies, name: string) => median(round.get(name) ?? [])
  const ratios = others.map((name) => {
    return [name, ratio(rounds.map((round) => medianOf(round, ours) / medianOf(round, name)))] as const
  })
  return {
    case: what.wanted,
    delayMs: what.delayMs,
    contenders: Object.fromEntries(contenders),
    ratios: Object.fromEntries(ratios),
  }
}

async function loadOf(
  stages: readonly Stage[],
  options: { readonly wanted: Case; readonly rounds: number; readonly samples: number },
): Promise<LoadResult> {
  const { wanted, rounds, samples } = options
  const measured = new Map<string, Load[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const stage of stages) {
      const load = await measureLoad(stage, { wanted, clients: CLIENTS, samples: 2 * samples * CLIENTS })
      if (load) measured.set(stage.name, [...(measured.get(stage.name) ?? []), load])
    }
  }
  const figure = (loads: readonly Load[], name: keyof Load) => roundedSpread(spread(loads.map((load) => load[name])))
  const contenders = [...measured].map(([name, loads]) => {
    const perSecond = figure(loads, 'perSecond')
    return [
      name,
      { perSecond, workerCpuMs: figure(loads, 'workerCpuMs'), databaseCpuMs: figure(loads, 'databaseCpuMs') },
    ] as const
  })
  const [[, ours = []] = [], ...others] = measured
  const workerCpuRatios = others.map(([name, theirs]) => {
    return [
      name,
      ratio(ours.map((load, round) => load.workerCpuMs / (theirs[round]?.workerCpuMs ?? Number.NaN))),
    ] as const
  })
  return {
    case: wanted,
    clients: CLIENTS,
    contenders: Object.fromEntries(contenders),
    workerCpuRatios: Object.fromEntries(workerCpuRatios),
  }
}

function ratio(rounds: readonly number[]): Spread {
  return roundedSpread(spread(rounds))
}

function roundedSpread({ median, min, max }: Spread): Spread {
  return { median: rounded(median), min: rounded(min), max: rounded(max) }
}
