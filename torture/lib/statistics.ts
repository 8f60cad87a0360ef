/** The middle of a sample; where there are two, the upper one. */
export function median(sample: readonly number[]): number {
  return quantile(sample, 0.5)
}

/** A value that the given part of a sample stays below. @param part from 0 to 1 */
export function quantile(sample: readonly number[], part: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? Number.NaN
}

/**
 * How often a value of the second sample exceeds one of the first, ties counting half: 0.5 where nobody can tell them
 * apart, 0 or 1 where everybody can. It is the statistic of Mann and Whitney over its maximum, and the area under the
 * curve of whoever sorts by it.
 */
export function auc(first: readonly number[], second: readonly number[]): number {
  const { length: m } = first
  const { length: n } = second
  const rankSum = rankGroups(first, second).reduce((sum, { rank, seconds }) => sum + rank * seconds, 0)
  return (rankSum - (n * (n + 1)) / 2) / (m * n)
}

/** The widest gap between the distributions of two samples (Kolmogorov and Smirnov), from 0 to 1. */
export function widestGap(first: readonly number[], second: readonly number[]): number {
  let [below, widest] = [{ firsts: 0, seconds: 0 }, 0]
  for (const { firsts, seconds } of rankGroups(first, second)) {
    below = { firsts: below.firsts + firsts, seconds: below.seconds + seconds }
    widest = Math.max(widest, Math.abs(below.firsts / first.length - below.seconds / second.length))
  }
  return widest
}

/** Where the median of the second sample lies from that of the first: 95 of 100 resamples say between these two. */
export function medianShift(first: readonly number[], second: readonly number[], resamples = 400) {
  const shifts = Array.from({ length: resamples }, () => median(resample(second)) - median(resample(first)))
  return { from: quantile(shifts, 0.025), to: quantile(shifts, 0.975) }
}

/** The smallest shift at which a sample and its shifted self pass a bound of {@link auc}. */
export function visibleShift(sample: readonly number[], bound: number): number {
  let [unseen, seen] = [0, Math.max(...sample)]
  for (let halving = 0; halving < 20; halving += 1) {
    const middle = (unseen + seen) / 2
    const shifted = sample.map((each) => each + middle)
    if (auc(sample, shifted) > bound) seen = middle
    else unseen = middle
  }
  return seen
}

/** The same values in an order that chance chose. */
export function shuffled<Value>(values: readonly Value[]): readonly Value[] {
  return values
    .map((value) => ({ value, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value)
}

function resample(sample: readonly number[]): readonly number[] {
  return sample.map(() => sample[Math.floor(Math.random() * sample.length)] ?? Number.NaN)
}

/** The distinct values of both samples in ascending order: the middle rank of each, and how many of either have it. */
function rankGroups(first: readonly number[], second: readonly number[]) {
  const all = [...first.map((value) => ({ value, of: 0 })), ...second.map((value) => ({ value, of: 1 }))]
  all.sort((a, b) => a.value - b.value)
  const groups: { rank: number; firsts: number; seconds: number }[] = []
  for (let start = 0, end = 0; start < all.length; start = end) {
    while (end < all.length && all[end]?.value === all[start]?.value) end += 1
    const seconds = all.slice(start, end).reduce((count, { of }) => count + of, 0)
    groups.push({ rank: (start + 1 + end) / 2, firsts: end - start - seconds, seconds })
  }
  return groups
}
