import type { JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { type IssuerKey, KEY_SET_ALGORITHMS, newKey, newShortKey, settingsFor } from '../support/issuer.ts'
import { at } from '../support/tokens.ts'

const ALICE = { subject: { sub: 'alice' } }
const INVALID = { code: 'invalid-token' }
const UNNAMED = { kid: undefined }

function verifierOf(...jwks: readonly JWK[]) {
  const verify = createAccessTokenVerifier(settingsFor({ kind: 'inline', jwks: { keys: [...jwks] } }))
  return (token: string) => verify(token, at(Date.now()))
}

/** As while a key is rotated: of one kind, and the token names none of them. */
async function threeKeys(alg: string): Promise<readonly [IssuerKey, IssuerKey, IssuerKey]> {
  return [await newKey(alg, 'old'), await newKey(alg, 'new'), await newKey(alg, 'foreign')]
}

describe.each(KEY_SET_ALGORITHMS)('a token by %s that names none of several keys', async (alg) => {
  const [old, next, foreign] = await threeKeys(alg)
  const verify = verifierOf(old.jwk, next.jwk)

  it('is tried under each of them', async () => {
    expect(await verify(await old.sign({}, UNNAMED))).toMatchObject(ALICE)
    expect(await verify(await next.sign({}, UNNAMED))).toMatchObject(ALICE)
  })

  it('is refused when none of them signed it', async () => {
    await expect(verify(await foreign.sign({}, UNNAMED))).rejects.toMatchObject(INVALID)
  })

  it.each([{ exp: 1 }, { aud: 'x' }, { iss: 'x' }, { sub: '' }])(
    'is held to its claims under the key that signed it: %j',
    async (fault) => {
      await expect(verify(await next.sign(fault, UNNAMED))).rejects.toMatchObject(INVALID)
    },
  )
})

describe('a key of the set that cannot be used', () => {
  it('is passed over, and the one after it is tried', async () => {
    const [good, foreign] = [await newKey('RS256', 'good'), await newKey('RS256', 'foreign')]
    const verify = verifierOf((await newShortKey('short')).jwk, good.jwk)
    expect(await verify(await good.sign({}, UNNAMED))).toMatchObject(ALICE)
    await expect(verify(await foreign.sign({}, UNNAMED))).rejects.toMatchObject(INVALID)
  })
})
