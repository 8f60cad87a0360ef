import { openSecret, type SealedChange, type SealedSecret, sealSecret } from '../core/authenticator.ts'
import type { Services } from '../services.ts'

/** The number of secrets that one run re-seals, and of subjects whose codes one run voids. */
const LIMIT = 200
/** The maximum number of old keys that one run handles. */
const MOST_KEYS = 4
/** The maximum number of pages that one run reads. Secrets that cannot be opened may fill the first ones. */
const MOST_PAGES = 5

/** Re-seals secrets under the first key of the ring. `unopened` counts those that no key of the ring opens. */
export async function resealSecrets(services: Services): Promise<{ resealed: number; unopened: number }> {
  const sum = { resealed: 0, unopened: 0 }
  for (const oldKeyId of services.keyring.keyIds.slice(1, 1 + MOST_KEYS)) {
    for (let page = 0, after = 0; page < MOST_PAGES; page += 1) {
      const done = await resealPage(services, { oldKeyId, after })
      sum.resealed += done.resealed
      sum.unopened += done.unopened
      if (done.next === undefined || sum.resealed >= LIMIT) break
      after = done.next
    }
  }
  return sum
}

/** Re-seals one page of secrets. `next` is the cursor of the next page, if there may be one. */
async function resealPage(
  { store, keyring, random }: Services,
  from: { oldKeyId: string; after: number },
): Promise<{ resealed: number; unopened: number; next: number | undefined }> {
  const [keyId] = keyring.keyIds
  const found = await store.readOldSecrets({ ...from, limit: LIMIT })
  const tried = await Promise.all(found.map((secret) => reseal(secret, { keyring, random })))
  const changes = tried.filter((change) => change !== undefined)
  if (changes.length > 0) await store.replaceSealed({ changes, keyId })
  const next = found.length === LIMIT ? found.at(-1)?.place : undefined
  return { resealed: changes.length, unopened: found.length - changes.length, next }
}

/** The minimum age of a voided backup code: during a rollout an isolate may not have the newest key yet. */
const SETTLED_MS = 86_400_000

/** Voids backup codes whose key is not in the ring and appends `backup_codes.void`. Returns the number of subjects. */
export async function voidBackupCodes({ store, keyring, random, now }: Services): Promise<number> {
  const gone = (await store.readBackupCodeKeys()).filter((id) => !keyring.keyIds.includes(id))
  const run = { limit: LIMIT, now: now(), settledBefore: now() - SETTLED_MS, requestId: random.uuid() }
  for (const keyId of gone.slice(0, MOST_KEYS)) {
    const subjects = await store.voidBackupCodes({ ...run, keyId })
    if (subjects > 0) return subjects
  }
  return 0
}

async function reseal(
  { subjectId, sealed, identity }: SealedSecret,
  options: Pick<Services, 'keyring' | 'random'>,
): Promise<SealedChange | undefined> {
  const secret = await openSecret(sealed, { identity, keyring: options.keyring })
  if (!secret) return undefined
  const resealed = await sealSecret(secret, { identity, ...options })
  return { subjectId, id: identity.authenticatorId, old: sealed, sealed: resealed }
}
