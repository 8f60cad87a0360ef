import type { StepUpClaims } from './claims.ts'
import { StepUpError } from './errors.ts'

/** Remembers which step-up tokens were used. All instances of the application must share it. */
export type SingleUseStore = {
  /**
   * Inserts an identifier unless it is there already, atomically, and keeps it until `expiresAt` (milliseconds since the
   * epoch). Resolves to true when it was inserted and to false when it was there. Rejects when neither is certain.
   */
  readonly insertIfAbsent: (id: string, expiresAt: number) => boolean | Promise<boolean>
}

/** Seconds for which an identifier outlives its token, since the clock of the store may be ahead. */
const STORE_MARGIN_SECONDS = 60

/** A store in the memory of one process. It loses everything on a restart, and two instances do not share it. */
export function memoryStore(): SingleUseStore {
  const expiries = new Map<string, number>()
  return {
    insertIfAbsent(id, expiresAt) {
      const now = Date.now()
      // Map keeps the order of insertion, and tokens live equally long: the oldest entries come first.
      for (const [each, expiry] of expiries) {
        if (expiry > now) break
        expiries.delete(each)
      }
      if (expiries.has(id)) return false
      expiries.set(id, expiresAt)
      return true
    },
  }
}

/** Marks a token as used. Throws `replayed` when it was used before, `store-unavailable` when that is not certain. */
export async function takeOnce(store: SingleUseStore, { jti, exp }: StepUpClaims): Promise<void> {
  const inserted: unknown = await insert(store, jti, (exp + STORE_MARGIN_SECONDS) * 1000)
  if (inserted === false) throw new StepUpError('replayed')
  if (inserted !== true) throw new StepUpError('store-unavailable')
}

async function insert(store: SingleUseStore, jti: string, expiresAt: number): Promise<unknown> {
  try {
    return await store.insertIfAbsent(jti, expiresAt)
  } catch (cause) {
    throw new StepUpError('store-unavailable', { cause })
  }
}
