/** The value below which this share of all lies; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const index = (sorted.length - 1) * share
  const low = sorted[Math.floor(index)] ?? Number.NaN
  const high = sorted[Math.ceil(index)] ?? Number.NaN
  return low + (high - low) * (index - Math.floor(index))
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** A figure of several rounds: the middle one, and how far they lie apart. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number }

/** Puts the rounds together. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/** With so many decimals. */
export function rounded(value: number, decimals = 2): number {
  return Number(value.toFixed(decimals))
}
