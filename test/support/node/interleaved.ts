import { auc, median, medianShift, shuffled, visibleShift, widestGap } from './statistics.ts'

/** Milliseconds that each kind of request took, in the order of its turns. */
export type Timings = Readonly<Record<string, readonly number[]>>

/**
 * Measures every kind once in each round, in an order that chance chooses anew. So whatever else goes on in the machine
 * meets all of them alike: were there no difference between them, the names on the times would mean nothing, and how
 * far apart they seem would follow from the shuffling alone.
 */
export async function interleave(
  kinds: Readonly<Record<string, () => Promise<number>>>,
  options: { readonly rounds: number; readonly before: (round: number) => Promise<void> },
): Promise<Timings> {
  const timings = new Map(Object.keys(kinds).map((name): [string, number[]] => [name, []]))
  for (let round = 0; round < options.rounds; round += 1) {
    await options.before(round)
    for (const [name, measure] of shuffled(Object.entries(kinds))) timings.get(name)?.push(await measure())
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

/** What a report says of them: medians in milliseconds, shifts of them in microseconds. */
export function figuresOf(timings: Timings, bound: number): Readonly<Record<string, string | number>> {
  const [[first, baseline] = ['', []], ...others] = Object.entries(timings)
  const found = separations(timings)
  const lines = others.map(([name, sample]) => {
    const { from, to } = medianShift(baseline, sample)
    const { auc: area = 0, gap = 0 } = found[name] ?? {}
    const shift = `median ${micros(from)} to ${micros(to)} µs away`
    return [name, `AUC ${area.toFixed(3)}, gap ${gap.toFixed(3)}, median ${median(sample).toFixed(3)} ms, ${shift}`]
  })
  const visible = visibleShift(baseline, { bound: 0.5 + bound, step: 0.001, most: 1 })
  return {
    [first]: `${baseline.length} of each kind, median ${median(baseline).toFixed(3)} ms`,
    ...Object.fromEntries(lines),
    'a difference would be seen from': `${micros(visible)} µs`,
  }
}

function micros(milliseconds: number): number {
  return Math.round(milliseconds * 1_000)
}
