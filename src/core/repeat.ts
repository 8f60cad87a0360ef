import { hex } from '@scure/base'
import { boundFields, textOf, utf8 } from './bytes.ts'
import { type Keyring, keyedHashes } from './keyring.ts'
import type { Random } from './random.ts'
import { IV_BYTES, open, seal } from './sealed.ts'
import type { Subject } from './subject.ts'

/** How long the answer of `verify` can be asked for again, should it have been lost on its way. */
export const REPEAT_MS = 120_000
/** Attempts that do not match after which it cannot. */
export const REPEAT_ATTEMPTS = 5

/** Who may see a kept answer again: the bearer of the same access token, with the same code. */
export type RepeatIdentity = {
  readonly subject: Subject
  readonly code: string
  /** SHA-256 of the access token; the database holds neither it nor the token. */
  readonly tokenHash: Uint8Array<ArrayBuffer>
}

/** Seals the backup codes of a `verify` so that only the token it came with opens them, not even all our keys. */
export async function sealRepeat(
  backupCodes: readonly string[],
  options: { readonly identity: RepeatIdentity; readonly keyring: Keyring; readonly random: Random },
): Promise<string> {
  const { identity, keyring, random } = options
  const sealing = await keyring.sealing('verify-repeat', identity.tokenHash)
  const plaintext = utf8(JSON.stringify(backupCodes))
  return seal({ ...sealing, iv: random.bytes(IV_BYTES), plaintext, additionalData: additionalData(identity) })
}

/** The backup codes of an earlier `verify`; undefined for another token, another code or a key that is gone. */
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
 * By what the store knows a right repeat without opening anything: a keyed hash of token and code under each key of the
 * ring, that of the sealing key first. So a right repeat is never counted as an attempt, however many come at once.
 */
export async function repeatMarks(identity: RepeatIdentity, keyring: Keyring): Promise<readonly [string, ...string[]]> {
  const { subject, code, tokenHash } = identity
  const fields = [subject.issuer, subject.sub, code, hex.encode(tokenHash)]
  return keyedHashes(keyring, boundFields('verify-repeat-mark', fields))
}

function additionalData({ subject, code }: RepeatIdentity): Uint8Array<ArrayBuffer> {
  return boundFields('verify-repeat', [subject.issuer, subject.sub, code])
}
