import { createKeyring, type MasterKey } from '../../src/core/keyring.ts'
import type { Random } from '../../src/core/random.ts'
import type { Subject } from '../../src/core/subject.ts'

/** Two subjects that must never be taken for one another. */
export const ALICE: Subject = { issuer: 'https://issuer.example', sub: 'alice' }
export const BOB: Subject = { issuer: 'https://issuer.example', sub: 'bob' }

/** Real randomness. */
export const RANDOM: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  uuid: () => crypto.randomUUID(),
}

/** Randomness that says `fill` for every byte. */
export function fixedRandom(fill: number): Random {
  return { bytes: (length) => new Uint8Array(length).fill(fill), uuid: () => crypto.randomUUID() }
}

/** A master key that is the same for the same id and seed. */
export function masterKey(id: string, seed = id): MasterKey {
  const bytes = new Uint8Array(32)
  bytes.set(new TextEncoder().encode(seed))
  return { id, bytes }
}

/** A ring of {@link masterKey}s, the sealing one first. */
export function ringOf(first: string, ...others: readonly string[]) {
  return createKeyring([masterKey(first), ...others.map((id) => masterKey(id))])
}

/** Bytes of an ASCII text. */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}
