import { randomUUID } from 'node:crypto'
import type { Database } from '../src/store/client.ts'
import { reconcileBackupStore } from './store/reconcile-backup.ts'

const PAGE = 200

/**
 * Prints what a restored backup could accept a second time. With `apply`, invalidates all of it and queues webhooks where
 * `WEBHOOK_URL` is set in the environment. A second run invalidates what is left.
 */
export async function reconcileBackup(database: Database, { apply }: { readonly apply: boolean }): Promise<void> {
  const { authenticators, codes, pending, repeats } = await reconcileBackupStore(database).countReusable()
  console.log(
    `${authenticators} authenticators, ${codes} unused backup codes, ${pending} pending secrets, ${repeats} stored responses of verify.`,
  )
  if (apply) return invalidateAll(database)
  console.log(
    'With --apply, every time step up to now counts as used, the backup codes count as used, and the rest is deleted.',
  )
}

async function invalidateAll(database: Database): Promise<void> {
  const store = reconcileBackupStore(database)
  const outbox = Boolean(process.env['WEBHOOK_URL'])
  const requestId = randomUUID()
  let after = 0
  let subjects = 0
  let codes = 0
  for (;;) {
    const page = await store.invalidatePage({ after, limit: PAGE, now: Date.now(), requestId, outbox })
    if (page.last === undefined) break
    after = page.last
    subjects += page.subjects
    codes += page.codes
  }
  console.log(`Reconciled: ${subjects} subjects, ${codes} backup codes.`)
}
