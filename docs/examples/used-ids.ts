/**
 * The ids of proofs that were used, in the memory of one process. Several processes need one store that they share, and
 * its atomic insert: `INSERT … ON CONFLICT DO NOTHING` in SQL, `SET … NX EX` in Redis.
 */
export function usedIdsInMemory() {
  const expiries = new Map<string, number>()

  /** Inserts an id and returns true, or returns false when it is there. `expiresAt` is in seconds since the epoch. */
  function insertIfAbsent(id: string, expiresAt: number): boolean {
    const now = Date.now() / 1000
    for (const [known, expiry] of expiries) if (expiry < now) expiries.delete(known)
    if (expiries.has(id)) return false
    expiries.set(id, expiresAt)
    return true
  }

  return { insertIfAbsent }
}
