import { cpus } from 'node:os'
import type { Case } from '../contenders/contender.ts'
import type { GrowthResult } from '../growth.ts'
import type { MicroResult } from '../micro.ts'
import type { Spread } from './statistics.ts'
import type { Weight } from './weigh.ts'

/** One case at one distance: the milliseconds of each contender, and our ratio to each other one over the rounds. */
export type LatencyResult = {
  readonly case: Case
  readonly delayMs: number
  readonly contenders: Readonly<
    Record<string, { readonly p50: number; readonly p99: number; readonly samples: number }>
  >
  readonly ratios: Readonly<Record<string, Spread>>
}

/** One case under many clients: what each contender does in a second and what CPU it takes, and our ratios to the others. */
export type LoadResult = {
  readonly case: Case
  readonly clients: number
  readonly contenders: Readonly<
    Record<string, { readonly perSecond: Spread; readonly workerCpuMs: Spread; readonly databaseCpuMs: Spread }>
  >
  readonly workerCpuRatios: Readonly<Record<string, Spread>>
}

/** Calls of the database by case and contender, each with its number of statements. */
export type CallCounts = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>

/** Everything that a run has found. */
export type Results = {
  readonly measuredAt: string
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string }
  readonly rounds: number
  readonly calls: CallCounts
  readonly latency: readonly LatencyResult[]
  readonly load: readonly LoadResult[]
  readonly weights: Readonly<Record<string, Weight>>
  readonly parts: Readonly<Record<string, number>>
  readonly growth: readonly GrowthResult[]
  readonly micro: readonly MicroResult[]
}

/** Where it was measured. */
export function machine(): Results['machine'] {
  const [first] = cpus()
  return { cores: cpus().length, model: first?.model.trim() ?? 'unknown', node: process.version }
}
