import { bodyOfSize, NO_CODES, NO_OBJECTS, NO_VALUES, WITHOUT_MEMBERS } from './bodies.ts'
import { type Operation, takes } from './operations.ts'
import { thinned } from './pace.ts'

/** What a body without a proof is answered where MFA is on. */
const WITHOUT_PROOF = /^(403 proof-required|409 last-authenticator)$/

/** What a body must have beside a member, so that only that member can be at fault. */
const BESIDE: Readonly<Record<string, string>> = { txn: '"code":"123456",', step_up: '"code":"123456",' }

/** A body, what it is called, and what it is answered. */
type Case = readonly [name: string, body: Uint8Array, expected: RegExp | string]

/** Bodies that an operation must refuse; in the short form others for each `turn`. */
export function casesOf(operation: Operation, turn: number): readonly Case[] {
  const { largest } = operation
  const values = operation.members
    .flatMap((member) =>
      [...NO_VALUES, ...(member.includes('code') ? NO_CODES : [])].map(
        (value) => `{${BESIDE[member] ?? ''}"${member}":${value}}`,
      ),
    )
    .filter((text) => !takes(operation, JSON.parse(text)))
  const sizes = [largest + 1, 2 * largest, 1_000_000]
  return [
    ...thinned(NO_OBJECTS, { share: 8, turn }).map(([name, body]): Case => [name, body, '400 invalid-request']),
    ...thinned(values, { share: 16, turn }).map((text): Case => [text, bytesOf(text), '400 invalid-request']),
    ...thinned(WITHOUT_MEMBERS, { share: 3, turn }).map((text): Case => {
      return [text, bytesOf(text), takes(operation, JSON.parse(text)) ? WITHOUT_PROOF : '400 invalid-request']
    }),
    [`${largest} bytes`, bodyOfSize(largest), /^400 /],
    ...thinned(sizes, { share: 2, turn }).map(
      (size): Case => [`${size} bytes`, bodyOfSize(size), '413 payload-too-large'],
    ),
  ]
}

/** A text in UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text))
}
