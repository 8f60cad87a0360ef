import { base64urlnopad, hex } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { createKeyring, type KeyPurpose, keyedHashes } from '../../src/core/keyring.ts'
import { ascii, masterKey, ringOf } from '../support/core.ts'

const HMAC_PURPOSES = ['backup-code', 'attempt', 'log-subject'] as const satisfies readonly KeyPurpose[]
const AES_PURPOSES = ['authenticator-secret', 'verify-repeat'] as const satisfies readonly KeyPurpose[]
const IV = new Uint8Array(12)

/** What a key makes of one message: two keys are the same if this is. */
async function fingerprint(key: CryptoKey | undefined): Promise<string> {
  if (!key) throw new Error('no key')
  const message = ascii('message')
  const output = key.usages.includes('sign')
    ? await crypto.subtle.sign('HMAC', key, message)
    : await crypto.subtle.encrypt({ name: 'AES-GCM', iv: IV }, key, message)
  return base64urlnopad.encode(new Uint8Array(output))
}

describe('keyedHashes', () => {
  it('are HMAC-SHA-256 under the key for attempts of each master key, the sealing one first', async () => {
    const ring = ringOf('new', 'old')
    const keys = await ring.all('attempt')
    const macs = await Promise.all(keys.map(({ key }) => crypto.subtle.sign('HMAC', key, ascii('message'))))
    expect(await keyedHashes(ring, ascii('message'))).toEqual(macs.map((mac) => hex.encode(new Uint8Array(mac))))
    expect(new Set(await keyedHashes(ring, ascii('message'))).size).toBe(2)
  })
})

describe('createKeyring', () => {
  it('lists its ids, the sealing one first', () => {
    expect(ringOf('new', 'old', 'older').keyIds).toEqual(['new', 'old', 'older'])
  })

  it('seals with the first key', async () => {
    const { keyId, key } = await ringOf('new', 'old').sealing('backup-code')
    expect(keyId).toBe('new')
    expect(await fingerprint(key)).toBe(await fingerprint(await ringOf('new').find('new', 'backup-code')))
  })

  it('finds every key wherever it stands', async () => {
    const before = await ringOf('old').find('old', 'authenticator-secret')
    const after = await ringOf('new', 'old').find('old', 'authenticator-secret')
    expect(await fingerprint(after)).toBe(await fingerprint(before))
  })

  it('finds no key by an id that it does not hold', async () => {
    expect(await ringOf('k1').find('k2', 'backup-code')).toBeUndefined()
    expect(await ringOf('k1').find('', 'backup-code')).toBeUndefined()
    expect(await ringOf('k1').find('__proto__', 'backup-code')).toBeUndefined()
  })

  it('gives all keys of a purpose, the sealing one first', async () => {
    const all = await ringOf('new', 'old').all('backup-code')
    expect(all.map(({ keyId }) => keyId)).toEqual(['new', 'old'])
    expect(new Set(await Promise.all(all.map(({ key }) => fingerprint(key)))).size).toBe(2)
  })

  it('gives each purpose a key of its own', async () => {
    const ring = ringOf('k1')
    for (const purposes of [HMAC_PURPOSES, AES_PURPOSES]) {
      const prints = await Promise.all(purposes.map(async (each) => fingerprint((await ring.sealing(each)).key)))
      expect(new Set(prints).size).toBe(purposes.length)
    }
  })

  it('gives a key for each salt, the same for the same', async () => {
    const ring = ringOf('k1')
    const print = async (salt?: Uint8Array<ArrayBuffer>) => fingerprint((await ring.sealing('verify-repeat', salt)).key)
    const [first, again, other, none] = await Promise.all([
      print(ascii('a')),
      print(ascii('a')),
      print(ascii('b')),
      print(),
    ])
    expect(again).toBe(first)
    expect(new Set([first, other, none]).size).toBe(3)
    expect(await fingerprint(await ring.find('k1', 'verify-repeat', ascii('b')))).toBe(other)
  })

  it('derives a key without a salt once, and one with a salt each time', async () => {
    const ring = ringOf('k1', 'k2')
    const { key } = await ring.sealing('backup-code')
    expect(await ring.find('k1', 'backup-code')).toBe(key)
    expect(await ring.find('k2', 'backup-code')).not.toBe(key)
    expect(await ring.find('k1', 'attempt')).not.toBe(key)
    const salt = ascii('a')
    const { key: unsalted } = await ringOf('k1').sealing('verify-repeat')
    await ring.sealing('verify-repeat', salt)
    expect(await fingerprint(await ring.find('k1', 'verify-repeat'))).toBe(await fingerprint(unsalted))
    expect(await ring.find('k1', 'verify-repeat', salt)).not.toBe(await ring.find('k1', 'verify-repeat', salt))
  })

  it('mixes up no keys of rings that call different keys the same', async () => {
    const one = createKeyring([masterKey('k1', 'one')])
    const two = createKeyring([masterKey('k1', 'two')])
    const [a, b] = await Promise.all([one.sealing('backup-code'), two.sealing('backup-code')])
    expect(await fingerprint(a.key)).not.toBe(await fingerprint(b.key))
  })

  it.each([...HMAC_PURPOSES, ...AES_PURPOSES])('lets nobody extract the key for %s', async (purpose) => {
    const { key } = await ringOf('k1').sealing(purpose)
    expect(key.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
  })

  it('derives as RFC 5869 says, with the purpose as info', async () => {
    const { bytes } = masterKey('k1')
    const base = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits'])
    const info = ascii('["edge-mfa/hkdf/backup-code","v1"]')
    const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
    const bits = await crypto.subtle.deriveBits(parameters, base, 256)
    const expected = await crypto.subtle.importKey('raw', bits, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    expect(await fingerprint((await ringOf('k1').sealing('backup-code')).key)).toBe(await fingerprint(expected))
  })
})
