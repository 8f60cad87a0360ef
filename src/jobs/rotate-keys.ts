import { openSecret, type SealedChange, type SealedSecret, sealSecret } from '../core/authenticator.ts'
import type { Services } from '../services.ts'

/** Secrets that one run seals again, and subjects that one run tells of void codes. */
const LIMIT = 200

/** Seals secrets under the first key of the ring that are still under another one. Answers how many were left shut. */
export async function resealSecrets({
  store,
  keyring,
  random,
}: Services): Promise<{ resealed: number; unopened: number }> {
  const [sealingKeyId, ...oldKeyIds] = keyring.keyIds
  if (oldKeyIds.length === 0) return { resealed: 0, unopened: 0 }
  const found = await store.readOldSecrets({ oldKeyIds, limit: LIMIT })
  const changes = (await Promise.all(found.map((secret) => reseal(secret, { keyring, random })))).filter(
    (each) => each !== undefined,
  )
  if (changes.length > 0) await store.replaceSealed({ changes, keyId: sealingKeyId })
  return { resealed: changes.length, unopened: found.length - changes.length }
}

/** Raises `backup_codes.void` for codes whose key has left the ring. */
export async function voidBackupCodes({ store, keyring, random, now }: Services): Promise<number> {
  const keyId = (await store.readBackupCodeKeys()).find((id) => !keyring.keyIds.includes(id))
  return keyId === undefined ? 0 : store.voidBackupCodes({ keyId, limit: LIMIT, now: now(), requestId: random.uuid() })
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
