import { randomUUID } from 'node:crypto'
import type { Database } from '../src/store/client.ts'
import { masterKeyStore } from './store/master-keys.ts'

const LISTED = 20
const BATCH = 100

/**
 * Prints how many subjects ever had a secret or a backup code under a master key. With `apply`, turns MFA off for all of
 * them, so that they enroll again, and queues webhooks where `WEBHOOK_URL` is set in the environment. A run that was
 * interrupted continues where it stopped.
 */
export async function handleCompromise(
  database: Database,
  { keyId, apply }: { readonly keyId: string; readonly apply: boolean },
): Promise<void> {
  const { subjects, first } = await masterKeyStore(database).listCompromised({ keyId, limit: LISTED })
  console.log(`${subjects} subjects ever had a secret or a backup code under the key ${keyId}.`)
  if (apply) return resetAll(database, { keyId, subjects })
  for (const subject of first) console.log(`  ${subject}`)
  if (subjects > first.length) console.log('  …')
  console.log('With --apply, MFA is turned off for all of them. Remove the key from MFA_KEYS first.')
}

async function resetAll(database: Database, { keyId, subjects }: { keyId: string; subjects: number }): Promise<void> {
  const store = masterKeyStore(database)
  const outbox = Boolean(process.env['WEBHOOK_URL'])
  const requestId = randomUUID()
  let done = 0
  for (let batch = BATCH; batch === BATCH; ) {
    batch = await store.resetCompromised({ keyId, limit: BATCH, now: Date.now(), requestId, outbox })
    done += batch
    console.log(`${done} of ${subjects} reset`)
  }
}
