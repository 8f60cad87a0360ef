import { boundFields } from './bytes.ts'
import type { Keyring } from './keyring.ts'
import type { Random } from './random.ts'
import { IV_BYTES, open, seal } from './sealed.ts'
import type { Subject } from './subject.ts'
import type { TotpParameters } from './totp.ts'

/** Which row a sealed secret belongs to, and how it counts: a change to any of it makes the secret unreadable. */
export type AuthenticatorIdentity = {
  readonly subject: Subject
  readonly authenticatorId: string
  readonly parameters: TotpParameters
}

/** Seals a new secret for the row it will live in, under the first key of the ring. */
export async function sealSecret(
  secret: Uint8Array<ArrayBuffer>,
  options: { readonly identity: AuthenticatorIdentity; readonly keyring: Keyring; readonly random: Random },
): Promise<string> {
  const { identity, keyring, random } = options
  const sealing = await keyring.sealing('authenticator-secret')
  return seal({ ...sealing, iv: random.bytes(IV_BYTES), plaintext: secret, additionalData: additionalData(identity) })
}

/** Opens a stored secret; undefined when its key is gone or the row is not the one it was sealed for. */
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
  const counting = [algorithm, String(digits), String(stepSeconds)]
  return boundFields('authenticator-secret', [subject.issuer, subject.sub, authenticatorId, ...counting])
}

/** A sealed secret with where it belongs. */
export type SealedSecret = {
  /** Where it lies in the table: grows from one to the next. */
  readonly place: number
  readonly subjectId: number
  readonly sealed: string
  readonly identity: AuthenticatorIdentity
}

/** An envelope that takes another's place. */
export type SealedChange = {
  readonly subjectId: number
  readonly id: string
  readonly old: string
  readonly sealed: string
}
