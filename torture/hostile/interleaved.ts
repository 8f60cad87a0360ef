import { auc, median, medianShift, shuffled, visibleShift, widestGap } from '../lib/statistics.ts'

const FEWEST_ROUNDS = 20
/** Standard deviations of chance within which two kinds count as the same. */
const DEVIATIONS = 4.4

/** Milliseconds that each kind of request took, in the order of its turns. */
export type Timings = Readonly<Record<string, readonly number[]>>

/** Makes one request up, and answers how to send it and learn the milliseconds that it took. */
export type Kind = () => () => Promise<number>

/**
 * Measures every kind once in each round, in an order that chance chooses anew. All requests of a round are made up
 * before the first is sent, so that none comes after more work than another. So whatever else goes on in the machine
 * meets all of them alike: were there no difference between them, the names on the times would mean nothing, and how
 * far apart they seem would follow from the shuffling alone.
 */
export async function interleave(
  kinds: Readonly<Record<string, Kind>>,
  options: {
    readonly rounds: number
    /** When it is enough, on a machine that has no time for so many. */
    readonly enoughMs: number
    readonly before: (round: number) => Promise<void>
  },
): Promise<Timings> {
  const timings = new Map(Object.keys(kinds).map((name): [string, number[]] => [name, []]))
  const isEnough = stopwatch(options.enoughMs)
  for (let round = 0; round < options.rounds && (round < FEWEST_ROUNDS || !isEnough()); round += 1) {
    await options.before(round)
    const requests = Object.entries(kinds).map(([name, makeUp]) => ({ name, send: makeUp() }))
    for (const { name, send } of shuffled(requests)) timings.get(name)?.push(await send())
  }
  return Object.fromEntries(timings)
}

/** How well times of one kind can be told from those of another. */
export type Separation = {
  /** Chance that the second kind took longer. */
  readonly auc: number
  /** By how much guessing with the best single threshold beats a coin, doubled. */
  readonly gap: number
}

/** How well each kind can be told from the first one. */
export function separations(timings: Timings): Readonly<Record<string, Separation>> {
  const [[, baseline] = ['', []], ...others] = Object.entries(timings)
  return Object.fromEntries(
    others.map(([name, sample]) => [name, { auc: auc(baseline, sample), gap: widestGap(baseline, sample) }]),
  )
}

/**
 * How far from 0.5 the AUC of two kinds with n times each may lie. Were there no difference between them, it lies about
 * 0.5 with a standard deviation of sqrt((2n + 1) / 12n²): chance alone passes 4.4 of them in 1 of 90,000 comparisons, and
 * twice as much of the widest gap, by 2 exp(-4 n bound²), in 1 of 200,000. It is 0.04 for 2,000 times of each.
 */
export function boundOf(timings: Timings): number {
  const n = Object.values(timings)[0]?.length ?? 0
  return DEVIATIONS * Math.sqrt((2 * n + 1) / (12 * n * n))
}

/** What a report says of them: medians in milliseconds, shifts of them in microseconds. */
export function figuresOf(timings: Timings): Readonly<Record<string, string | number>> {
  const [[first, baseline] = ['', []], ...others] = Object.entries(timings)
  const found = separations(timings)
  const bound = boundOf(timings)
  const lines = others.map(([name, sample]) => {
    const { from, to } = medianShift(baseline, sample)
    const { auc: area = 0, gap = 0 } = found[name] ?? {}
    const shift = `median ${micros(from)} to ${micros(to)} µs away`
    return [name, `AUC ${area.toFixed(3)}, gap ${gap.toFixed(3)}, median ${median(sample).toFixed(3)} ms, ${shift}`]
  })
  const visible = visibleShift(baseline, 0.5 + bound)
  return {
    [first]: `${baseline.length} of each kind, median ${median(baseline).toFixed(3)} ms`,
    ...Object.fromEntries(lines),
    bound: `AUC 0.5 ± ${bound.toFixed(3)}, gap ${(2 * bound).toFixed(3)}: passed by a shift of ${micros(visible)} µs`,
  }
}

function stopwatch(ms: number): () => boolean {
  const startedAt = performance.now()
  return () => performance.now() - startedAt > ms
}

function micros(milliseconds: number): number {
  return Math.round(milliseconds * 1_000)
}
