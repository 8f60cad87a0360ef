import type { Services } from '../services.ts'

/** Deliveries are counted up to this number, which bounds the rows that are read. */
const MOST = 1_000

/** Returns the number of waiting deliveries, and the age of the oldest one in milliseconds. */
export async function measureOutbox({ store, now }: Services): Promise<{ waiting: number; oldestMs: number }> {
  const { waiting, oldest } = await store.measureOutbox(MOST)
  return { waiting, oldestMs: oldest === null ? 0 : Math.max(now() - oldest, 0) }
}
