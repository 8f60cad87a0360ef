import { hex } from '@scure/base'
import { boundFields } from './bytes.ts'

/** One master key of the setting `MFA_KEYS`. */
export type MasterKey = {
  readonly id: string
  /** 32 bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The purpose of a derived key. Each purpose has its own key. */
export type KeyPurpose = 'authenticator-secret' | 'backup-code' | 'attempt' | 'log-subject' | 'verify-repeat'

/** A derived key and the id of its master key. */
export type DerivedKey = { readonly keyId: string; readonly key: CryptoKey }

/** The master keys in order: the first one seals, all of them open. Derived keys are not extractable. */
export type Keyring = {
  /** All ids, that of the sealing key first. */
  readonly keyIds: readonly [string, ...string[]]
  /** Derives the key that seals or hashes new data. */
  readonly sealing: (purpose: KeyPurpose, salt?: Uint8Array<ArrayBuffer>) => Promise<DerivedKey>
  /** Derives the key with this id. Returns undefined when the ring has no such id. */
  readonly find: (keyId: string, purpose: KeyPurpose, salt?: Uint8Array<ArrayBuffer>) => Promise<CryptoKey | undefined>
  /** Derives the keys of a purpose, the sealing one first. */
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
 * Creates a keyring from master keys with distinct ids. It caches the derived keys without a salt, and no promises: a
 * request in a Worker must not await a promise of another one.
 */
export function createKeyring(masterKeys: readonly [MasterKey, ...MasterKey[]]): Keyring {
  const cache = new Map<string, CryptoKey>()

  async function derive(master: MasterKey, purpose: KeyPurpose, salt = NO_SALT): Promise<DerivedKey> {
    const name = `${purpose} ${master.id}`
    const key = (salt === NO_SALT && cache.get(name)) || (await hkdf(master.bytes, { salt, purpose }))
    if (salt === NO_SALT) cache.set(name, key)
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

/** Returns the HMAC-SHA-256 of a message under each key of the ring, in hexadecimal, that of the sealing key first. */
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
