import { hex } from '@scure/base'
import { boundFields } from './bytes.ts'

/** One master key of the setting `MFA_KEYS`. */
export type MasterKey = {
  readonly id: string
  /** 32 bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What a derived key is for; each purpose has a key of its own, so that none ever serves two. */
export type KeyPurpose = 'authenticator-secret' | 'backup-code' | 'attempt' | 'log-subject' | 'verify-repeat'

/** A derived key beside the id of the master key that it comes from. */
export type DerivedKey = { readonly keyId: string; readonly key: CryptoKey }

/** The master keys in order: the first one seals, all of them open. No derived key can be extracted. */
export type Keyring = {
  /** All ids, the sealing one first. */
  readonly keyIds: readonly [string, ...string[]]
  /** The key that new things of a purpose are sealed or hashed under. */
  readonly sealing: (purpose: KeyPurpose, salt?: Uint8Array<ArrayBuffer>) => Promise<DerivedKey>
  /** The key of a purpose by its id; undefined when the ring does not hold that id. */
  readonly find: (keyId: string, purpose: KeyPurpose, salt?: Uint8Array<ArrayBuffer>) => Promise<CryptoKey | undefined>
  /** The keys of a purpose, the sealing one first. */
  readonly all: (purpose: KeyPurpose) => Promise<readonly [DerivedKey, ...DerivedKey[]]>
}

const AES_GCM = { algorithm: { name: 'AES-GCM', length: 256 }, usages: ['encrypt', 'decrypt'] }
const HMAC_SHA256 = { algorithm: { name: 'HMAC', hash: 'SHA-256', length: 256 }, usages: ['sign'] }
const DERIVED = {
  'authenticator-secret': AES_GCM,
  'backup-code': HMAC_SHA256,
  attempt: HMAC_SHA256,
  'log-subject': HMAC_SHA256,
  'verify-repeat': AES_GCM,
} satisfies Record<KeyPurpose, object>
const NO_SALT = new Uint8Array()

/**
 * A keyring over master keys with distinct ids. Derived keys without a salt are remembered, as keys and never as
 * promises: in a Worker one request must not wait for another's.
 */
export function createKeyring(masterKeys: readonly [MasterKey, ...MasterKey[]]): Keyring {
  const remembered = new Map<string, CryptoKey>()

  async function derive(master: MasterKey, purpose: KeyPurpose, salt = NO_SALT): Promise<DerivedKey> {
    const name = `${purpose} ${master.id}`
    const key = (salt === NO_SALT && remembered.get(name)) || (await hkdf(master.bytes, { salt, purpose }))
    if (salt === NO_SALT) remembered.set(name, key)
    return { keyId: master.id, key }
  }

  return {
    keyIds: [masterKeys[0].id, ...masterKeys.slice(1).map(({ id }) => id)],
    sealing: (purpose, salt) => derive(masterKeys[0], purpose, salt),
    find: async (keyId, purpose, salt) => {
      const master = masterKeys.find(({ id }) => id === keyId)
      return master && (await derive(master, purpose, salt)).key
    },
    all: (purpose) => {
      const [first, ...others] = masterKeys
      return Promise.all([derive(first, purpose), ...others.map((master) => derive(master, purpose))])
    },
  }
}

/** Hashes of a tried code or token under each key of the ring, that of the sealing key first: hexadecimal HMAC-SHA-256. */
export async function keyedHashes(
  keyring: Keyring,
  message: Uint8Array<ArrayBuffer>,
): Promise<readonly [string, ...string[]]> {
  const sign = async ({ key }: DerivedKey) => hex.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, message)))
  const [first, ...others] = await keyring.all('attempt')
  return Promise.all([sign(first), ...others.map(sign)])
}

/** @see RFC 5869 */
async function hkdf(
  master: Uint8Array<ArrayBuffer>,
  options: { readonly salt: Uint8Array<ArrayBuffer>; readonly purpose: KeyPurpose },
): Promise<CryptoKey> {
  const { algorithm, usages } = DERIVED[options.purpose]
  const base = await crypto.subtle.importKey('raw', master, 'HKDF', false, ['deriveKey'])
  const info = boundFields(`hkdf/${options.purpose}`, [])
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: options.salt, info }
  return crypto.subtle.deriveKey(parameters, base, algorithm, false, usages)
}
