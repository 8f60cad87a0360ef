/** One of some things, the heavier the likelier. */
export function pick<Thing>(choices: readonly [readonly [number, Thing], ...(readonly [number, Thing])[]]): Thing {
  const total = choices.reduce((sum, [weight]) => sum + weight, 0)
  let left = Math.random() * total
  for (const [weight, thing] of choices) {
    left -= weight
    if (left < 0) return thing
  }
  return choices[0][1]
}

/** A number between two. */
export function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}
