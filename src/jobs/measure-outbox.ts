import type { Services } from '../services.ts'

/** Deliveries are counted up to here: more is all the same to whoever is alarmed. */
const MOST = 1_000

/** How many deliveries wait, and for how long the oldest one has. */
export async function measureOutbox({ store, now }: Services): Promise<{ waiting: number; oldestMs: number }> {
  const { waiting, oldest } = await store.measureOutbox(MOST)
  return { waiting, oldestMs: oldest === null ? 0 : Math.max(now() - oldest, 0) }
}
