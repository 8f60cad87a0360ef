import { hex } from '@scure/base'
import { boundFields, textOf, utf8 } from './bytes.ts'
import { type Keyring, keyedHashes } from './keyring.ts'
import type { Random } from './random.ts'
import { IV_BYTES, open, seal } from './sealed.ts'
import type { Subject } from './subject.ts'

/** Milliseconds for which the response of `verify` can be requested again, in case it was lost. */
export const REPEAT_MS = 120_000
/** The number of attempts that do not match after which it is erased. */
export const REPEAT_ATTEMPTS = 5

/** What a request must present to get a kept response again: the same access token and the same code. */
export type RepeatIdentity = {
  readonly subject: Subject
  readonly code: string
  /** SHA-256 of the access token. The database stores neither the hash nor the token. */
  readonly tokenHash: Uint8Array<ArrayBuffer>
}

/** Seals the backup codes of a `verify`. Opening them takes the access token of the request besides the master key. */
export async function sealRepeat(
  backupCodes: readonly string[],
  options: { readonly identity: RepeatIdentity; readonly keyring: Keyring; readonly random: Random },
): Promise<string> {
  const { identity, keyring, random } = options
  const sealing = await keyring.sealing('verify-repeat', identity.tokenHash)
  const plaintext = utf8(JSON.stringify(backupCodes))
  return seal({ ...sealing, iv: random.bytes(IV_BYTES), plaintext, additionalData: additionalData(identity) })
}

/** Opens kept backup codes. Returns undefined for another token, another code or a key that is not in the ring. */
export async function openRepeat(
  sealed: string,
  options: { readonly identity: RepeatIdentity; readonly keyring: Keyring },
): Promise<readonly string[] | undefined> {
  const { identity, keyring } = options
  const plaintext = await open(sealed, {
    keyFor: (keyId) => keyring.find(keyId, 'verify-repeat', identity.tokenHash),
    additionalData: additionalData(identity),
  })
  return plaintext && (JSON.parse(textOf(plaintext)) as readonly string[])
}

/**
 * Returns keyed hashes of token and code under each key of the ring, that of the sealing key first. The store recognizes
 * a matching repeat by them, and does not count it as an attempt.
 */
export async function repeatMarks(identity: RepeatIdentity, keyring: Keyring): Promise<readonly [string, ...string[]]> {
  const { subject, code, tokenHash } = identity
  const fields = [subject.issuer, subject.sub, code, hex.encode(tokenHash)]
  return keyedHashes(keyring, boundFields('verify-repeat-mark', fields))
}

function additionalData({ subject, code }: RepeatIdentity): Uint8Array<ArrayBuffer> {
  return boundFields('verify-repeat', [subject.issuer, subject.sub, code])
}
