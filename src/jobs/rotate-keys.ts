import { openSecret, type SealedChange, type SealedSecret, sealSecret } from '../core/authenticator.ts'
import type { Services } from '../services.ts'

/** Secrets that one run seals again, and subjects that one run tells of void codes. */
const LIMIT = 200
/** Keys that one run looks at: there are rarely more than one. */
const MOST_KEYS = 4
/** Pages that one run looks at, should secrets that cannot be opened fill the first ones. */
const MOST_PAGES = 5

/** Seals secrets under the first key of the ring that are still under another one. Answers how many were left shut. */
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

/** One page of secrets; `next` is where the page after it begins, if there may be one. */
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

/** How old a backup code must be before it is called void: a deployment that lacks a new key yet must not call it gone. */
const SETTLED_MS = 86_400_000

/** Raises `backup_codes.void` for codes whose key has left the ring. Answers how many subjects were told. */
export async function voidBackupCodes({ store, keyring, random, now }: Services): Promise<number> {
  const gone = (await store.readBackupCodeKeys()).filter((id) => !keyring.keyIds.includes(id))
  const run = { limit: LIMIT, now: now(), settledBefore: now() - SETTLED_MS, requestId: random.uuid() }
  for (const keyId of gone.slice(0, MOST_KEYS)) {
    const told = await store.voidBackupCodes({ ...run, keyId })
    if (told > 0) return told
  }
  return 0
}

async function reseal(
  { subjectId, sealed, identity }: SealedSecret,
  options: Pick<Services, 'keyring' | 'random'>,
): Promise<SealedChange | undefined> {
  const secret = await openSecret(sealed, { identity, keyring: options.keyring })
  if (!secret) return undefined
  const again = await sealSecret(secret, { identity, ...options })
  return { subjectId, id: identity.authenticatorId, old: sealed, sealed: again }
}
