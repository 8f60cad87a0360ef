import { boundFields } from './bytes.ts'
import type { Keyring } from './keyring.ts'
import type { Random } from './random.ts'
import { IV_BYTES, open, seal } from './sealed.ts'
import type { Subject } from './subject.ts'
import type { TotpParameters } from './totp.ts'

/** The row and the TOTP parameters that a sealed secret is bound to; it cannot be opened for any other. */
export type AuthenticatorIdentity = {
  readonly subject: Subject
  readonly authenticatorId: string
  readonly parameters: TotpParameters
}

/** Seals a secret for its row, under the first key of the ring. */
export async function sealSecret(
  secret: Uint8Array<ArrayBuffer>,
  options: { readonly identity: AuthenticatorIdentity; readonly keyring: Keyring; readonly random: Random },
): Promise<string> {
  const { identity, keyring, random } = options
  const sealing = await keyring.sealing('authenticator-secret')
  return seal({ ...sealing, iv: random.bytes(IV_BYTES), plaintext: secret, additionalData: additionalData(identity) })
}

/** Opens a stored secret. Returns undefined when its key is not in the ring or it was sealed for another row. */
export async function openSecret(
  sealed: string,
  options: { readonly identity: AuthenticatorIdentity; readonly keyring: Keyring },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return open(sealed, {
    keyFor: (keyId) => options.keyring.find(keyId, 'authenticator-secret'),
    additionalData: additionalData(options.identity),
  })
}

function additionalData({ subject, authenticatorId, parameters }: AuthenticatorIdentity): Uint8Array<ArrayBuffer> {
  const { algorithm, digits, stepSeconds } = parameters
  const totp = [algorithm, String(digits), String(stepSeconds)]
  return boundFields('authenticator-secret', [subject.issuer, subject.sub, authenticatorId, ...totp])
}

/** A sealed secret and the row that it is stored in. */
export type SealedSecret = {
  /** The rowid: it orders the secrets of a table. */
  readonly place: number
  readonly subjectId: number
  readonly sealed: string
  readonly identity: AuthenticatorIdentity
}

/** An envelope that replaces another one. */
export type SealedChange = {
  readonly subjectId: number
  readonly id: string
  readonly old: string
  readonly sealed: string
}
