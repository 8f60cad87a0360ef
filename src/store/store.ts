import { adminStore } from './admin-store.ts'
import type { Database } from './database.ts'
import { enrollmentStore } from './enrollment-store.ts'
import { jobStore } from './job-store.ts'
import { outboxStore } from './outbox-store.ts'
import { proofStore } from './proof-store.ts'
import { createRecorder } from './recorder.ts'
import { statusStore } from './status-store.ts'

/** The state of all subjects. */
export type Store = ReturnType<typeof createStore>

/**
 * The store over a database opened for this request. Every method is one round trip, every write one transaction that
 * its first statement guards. All of them throw the problem `unavailable`.
 */
export function createStore(database: Database, options: { readonly outbox: boolean }) {
  const recorder = createRecorder(options)
  return {
    ...statusStore(database),
    ...enrollmentStore(database, recorder),
    ...proofStore(database, recorder),
    ...adminStore(database, recorder),
    ...outboxStore(database),
    ...jobStore(database, options),
    /** Whether events were queued for the receiver. */
    hasNews: recorder.hasNews,
  }
}
