import { formatGrowth, type GrowthResult } from '../growth.ts'
import { formatMicro } from '../micro.ts'
import type { CallCounts, LatencyResult, LoadResult, Results } from './results.ts'
import type { Spread } from './statistics.ts'
import type { Weight } from './weigh.ts'

const OTHERS = ['floor', 'peer'] as const

/** The tables of docs/performance.md, by the name of their markers. */
export function performanceTables(results: Results): Readonly<Record<string, string>> {
  return {
    conditions: conditions(results),
    calls: calls(results.calls),
    latency: latency(results.latency),
    load: load(results.load),
    weights: weights(results.weights),
    parts: parts(results.parts),
    micro: `${formatMicro(results.micro)}\n`,
    growth: growth(results.growth),
  }
}

function conditions({ measuredAt, machine, rounds }: Results): string {
  const { cores, model, node } = machine
  return `Measured on ${measuredAt.slice(0, 10)}: ${cores} cores of ${model}, Node ${node} as the client, ${rounds} rounds.\n`
}

function calls(counts: CallCounts): string {
  const rows = Object.entries(counts).map(([name, row]) => {
    const cells = ['edge-mfa', ...OTHERS].map((who) => {
      const statements = row[who]
      if (statements === undefined) return ''
      return statements.length === 0 ? '0' : `${statements.length} (${statements.join(' + ')})`
    })
    return [name, ...cells]
  })
  return table(['', 'Edge MFA', 'floor', 'Better Auth'], rows)
}

function latency(results: readonly LatencyResult[]): string {
  const rows = results.map((result) => {
    const cells = ['edge-mfa', ...OTHERS].map((who) => {
      const figures = result.contenders[who]
      return figures === undefined ? '' : `${figures.p50.toFixed(1)} (${figures.p99.toFixed(1)})`
    })
    return [`${result.delayMs} ms`, result.case, ...cells, ...OTHERS.map((who) => times(result.ratios[who]))]
  })
  return table(['away', '', 'Edge MFA', 'floor', 'Better Auth', 'times the floor', 'times Better Auth'], rows)
}

function load(results: readonly LoadResult[]): string {
  const rows = results.map((result) => {
    const rates = ['edge-mfa', ...OTHERS].map((who) => result.contenders[who]?.perSecond.median.toFixed(0) ?? '')
    const costs = ['edge-mfa', ...OTHERS].map((who) => {
      const figures = result.contenders[who]
      return figures === undefined
        ? ''
        : `${figures.workerCpuMs.median.toFixed(2)} + ${figures.databaseCpuMs.median.toFixed(2)}`
    })
    return [result.case, ...rates, ...costs, ...OTHERS.map((who) => times(result.workerCpuRatios[who]))]
  })
  const head = ['', 'Edge MFA/s', 'floor/s', 'Better Auth/s', 'Edge MFA CPU', 'floor CPU', 'Better Auth CPU']
  return table([...head, 'Worker CPU, times the floor', 'times Better Auth'], rows)
}

function weights(all: Readonly<Record<string, Weight>>): string {
  const rows = Object.entries(all).map(([who, { bytes, gzipped, startupMs }]) => [
    who,
    kilobytes(bytes),
    kilobytes(gzipped),
    `${startupMs} ms`,
  ])
  return table(['', 'minified', 'gzipped', 'start beyond an empty Worker'], rows)
}

function parts(all: Readonly<Record<string, number>>): string {
  return table(
    ['from', 'minified'],
    Object.entries(all).map(([name, bytes]) => [name, kilobytes(bytes)]),
  )
}

function growth(results: readonly GrowthResult[]): string {
  return `${formatGrowth(results)}\n`
}

/** `1.06 (1.02 to 1.11)`: the median of the rounds, and how far they lie apart. */
function times(spread: Spread | undefined): string {
  if (spread === undefined) return ''
  return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)} to ${spread.max.toFixed(2)})`
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return line(head) + line(head.map((_, index) => (index === 0 ? '---' : '--:'))) + rows.map(line).join('')
}
