import { isLong } from '../lib/run.ts'

/** How many requests are under way at once. */
const AT_ONCE = 8

/** Does something for each item, some at a time; the first failure ends it. */
export async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Every item in the long form; in the short one every `share`-th, beginning elsewhere for each `turn`. */
export function thinned<Item>(items: readonly Item[], { share, turn }: { share: number; turn: number }): Item[] {
  return items.filter((_, index) => isLong || index % share === turn % share)
}
