import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { replaceMarked } from '../scripts/lib/markers.ts'
import { freePort } from '../scripts/lib/process.ts'
import { CASES, type Case } from './contenders/contender.ts'
import { edgeMfa } from './contenders/edge-mfa.ts'
import { bundleWorker } from './lib/bundle.ts'
import { prepareMany } from './lib/measure.ts'
import { openProfiler, type Profiler } from './lib/profiler.ts'
import { sharesOf } from './lib/spent.ts'
import { type Stage, startStage } from './lib/stage.ts'

/*
 * Where the Worker spends its time, by package and by folder: what stands between it and the floor. Writes its table to
 * docs/performance.md.
 */

const WORKER = fileURLToPath(new URL('../src/worker.ts', import.meta.url))
const DOCUMENT = new URL('../docs/performance.md', import.meta.url)
const REQUESTS = 400
const CLIENTS = 4
/** A smaller share than this one is left out. */
const SMALLEST = 0.02

/** Profiles the Worker, prints the shares, and writes them to docs/performance.md. */
export async function profileWorker(): Promise<void> {
  const script = await bundleWorker(WORKER, { minify: false })
  const inspectorPort = await freePort()
  const stage = await startStage({ ...(await edgeMfa()), script }, inspectorPort)
  const profiler = await openProfiler(inspectorPort)
  try {
    const shares = new Map<Case, ReadonlyMap<string, number>>()
    for (const wanted of CASES) {
      await ask(stage, { wanted, profiler: undefined })
      const profile = await ask(stage, { wanted, profiler })
      if (profile !== undefined) shares.set(wanted, sharesOf(profile, script))
      console.log(`${wanted} profiled`)
    }
    const content = table(shares)
    console.log(`\n${content}`)
    const text = await readFile(DOCUMENT, 'utf8')
    await writeFile(DOCUMENT, replaceMarked(text, { path: 'docs/performance.md', name: 'profile', content }))
  } finally {
    profiler.end()
    await stage.end()
  }
}

/** Makes requests of a case ready, and profiles the Worker while it answers them. */
async function ask(stage: Stage, options: { readonly wanted: Case; readonly profiler: Profiler | undefined }) {
  const exchanges = (await prepareMany(stage, { wanted: options.wanted, count: REQUESTS })) ?? []
  const client = async () => {
    for (let exchange = exchanges.pop(); exchange; exchange = exchanges.pop()) await stage.time(exchange)
  }
  const work = async () => {
    await Promise.all(Array.from({ length: CLIENTS }, client))
  }
  if (options.profiler === undefined) await work()
  return options.profiler?.profile(work)
}

function table(shares: ReadonlyMap<Case, ReadonlyMap<string, number>>): string {
  const columns = [...shares.values()]
  const largest = (who: string) => Math.max(...columns.map((column) => column.get(who) ?? 0))
  const spenders = [...new Set(columns.flatMap((column) => [...column.keys()]))]
  const rows = spenders
    .filter((who) => largest(who) >= SMALLEST)
    .toSorted((one, other) => largest(other) - largest(one))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  const head = line(['', ...shares.keys()]) + line(['---', ...columns.map(() => '--:')])
  return head + rows.map((who) => line([who, ...columns.map((column) => percent(column.get(who) ?? 0))])).join('')
}

function percent(share: number): string {
  return share < SMALLEST ? '' : `${Math.round(share * 100)} %`
}
