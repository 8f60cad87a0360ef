import { createPublicKey, type JsonWebKeyInput } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { beforeAll, describe, expect, it } from 'vitest'
import { REFUSALS } from '../packages/verify/refusals.ts'
import { createSigner, type Signer } from '../packages/verify/tokens.ts'

/* The table of refused tokens, read by another JWT library: its signatures are what the table says. */

let signer: Signer

beforeAll(async () => {
  signer = await createSigner()
})

function isSigned(token: string): boolean {
  const key: JsonWebKeyInput = { key: signer.publicJwk, format: 'jwk' }
  try {
    const times = { ignoreExpiration: true, ignoreNotBefore: true }
    jwt.verify(token, createPublicKey(key), { algorithms: ['ES256'], ...times })
    return true
  } catch (error) {
    // A claim of the wrong type is found after the signature was verified.
    return error instanceof Error && error.message === 'invalid exp value'
  }
}

describe('jsonwebtoken agrees about the signature', () => {
  it.each(REFUSALS)('of the case "$what"', async (refusal) => {
    const token = await (refusal.token?.(signer) ?? signer.sign())
    expect(isSigned(token)).toBe(refusal.isSigned ?? true)
  })
})
