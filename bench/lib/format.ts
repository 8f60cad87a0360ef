import type { CallCounts, LatencyResult, LoadResult } from './results.ts'
import type { Spread } from './statistics.ts'
import type { Weight } from './weigh.ts'

/** `challenge: edge-mfa 2 (4 + 7), floor 2 (4 + 7), peer 11 (…)`. */
export function formatCalls(calls: CallCounts): string {
  const lines = Object.entries(calls).map(([name, row]) => {
    const counts = Object.entries(row).map(([who, statements]) => {
      const detail = statements.length > 0 ? ` (${statements.join(' + ')})` : ''
      return `${who} ${statements.length}${detail}`
    })
    return `  ${name}: ${counts.join(', ')}`
  })
  return ['Calls of the database, and the statements of each:', ...lines].join('\n')
}

/** One line: the p50 and p99 of each, and our ratios. */
export function formatLatency(result: LatencyResult): string {
  const figures = Object.entries(result.contenders).map(([who, { p50, p99 }]) => `${who} ${p50} (p99 ${p99})`)
  return `${result.delayMs} ms away, ${result.case}: ${figures.join(', ')} ms; ${ratios(result.ratios)}`
}

/** One line: what each does in a second and its CPU, and our ratios. */
export function formatLoad(result: LoadResult): string {
  const figures = Object.entries(result.contenders).map(
    ([who, { perSecond, workerCpuMs, databaseCpuMs }]) =>
      `${who} ${perSecond.median}/s, CPU ${workerCpuMs.median} + ${databaseCpuMs.median} ms`,
  )
  return `${result.clients} clients, ${result.case}: ${figures.join('; ')}; Worker CPU ${ratios(result.workerCpuRatios)}`
}

/** What is deployed, and how long it takes to start. */
export function formatWeights(weights: Readonly<Record<string, Weight>>): string {
  const lines = Object.entries(weights).map(
    ([who, { bytes, gzipped, startupMs }]) =>
      `  ${who}: ${kilobytes(bytes)}, gzipped ${kilobytes(gzipped)}, ${startupMs} ms`,
  )
  return ['Bundle, and start beyond an empty Worker:', ...lines].join('\n')
}

/** What of our bundle comes from where. */
export function formatParts(parts: Readonly<Record<string, number>>): string {
  const lines = Object.entries(parts).map(([name, bytes]) => `  ${name}: ${kilobytes(bytes)}`)
  return ['The bundle by its parts, minified:', ...lines].join('\n')
}

function ratios(spreads: Readonly<Record<string, Spread>>): string {
  return Object.entries(spreads)
    .map(([who, { median, min, max }]) => `${median} times ${who} (${min} to ${max})`)
    .join(', ')
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}
