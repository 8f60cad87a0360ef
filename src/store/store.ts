import { adminStore } from './admin.ts'
import { authenticatorStore } from './authenticators.ts'
import type { Database } from './client.ts'
import { enrollmentStore } from './enrollment.ts'
import { eventStore, type OnQueued } from './events.ts'
import { maintenanceStore } from './maintenance.ts'
import { outboxStore } from './outbox.ts'
import { proofStore } from './proof.ts'
import { statusStore } from './status.ts'

/** The state of all subjects. */
export type Store = ReturnType<typeof createStore>

/**
 * The store over a database opened for this request. Every method is one round trip, every write one transaction that
 * its first statement guards. All of them throw the problem `unavailable`.
 */
export function createStore(database: Database, { onQueued }: { readonly onQueued: OnQueued }) {
  return {
    ...statusStore(database),
    ...authenticatorStore(database, onQueued),
    ...enrollmentStore(database, onQueued),
    ...proofStore(database, onQueued),
    ...adminStore(database, onQueued),
    ...eventStore(database),
    ...outboxStore(database),
    ...maintenanceStore(database, onQueued),
  }
}
