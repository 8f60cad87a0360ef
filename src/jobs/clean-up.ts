import type { Services } from '../services.ts'

/** The maximum number of rows of each kind that one run deletes. */
const LIMIT = 500
const DAY_MS = 86_400_000

/** Deletes expired pending secrets and kept responses, and events and deliveries past the retention time. */
export async function cleanUp({ store, config, now }: Services): Promise<void> {
  const retainedFrom = now() - config.EVENT_RETENTION_DAYS * DAY_MS
  await store.cleanUp({ now: now(), retainedFrom, limit: LIMIT })
}
