import { base64urlnopad } from '@scure/base'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { jwks, newKey, settingsFor, startSource } from '../support/issuer.ts'
import { SECRETS } from '../support/secrets.ts'
import { at, validClaims } from '../support/tokens.ts'

const STAFF = 'https://staff.example'
const PORTAL = 'https://portal.example'
const SHARED = 'https://shared.example'
const INVALID = { code: 'invalid-token' }
const SECRET = base64urlnopad.decode(SECRETS.hs256)

/** Two issuers whose keys have the same id, and one with a shared secret. */
const staffKey = await newKey('RS256', 'one')
const portalKey = await newKey('RS256', 'one')
const ofStaff = { iss: STAFF, aud: 'staff' }
const ofPortal = { iss: PORTAL, aud: 'portal' }
const ofShared = { iss: SHARED, aud: 'shared' }
const issuers = [
  settingsFor(
    { kind: 'inline', jwks: { keys: [staffKey.jwk] } },
    { iss: STAFF, audience: 'staff', algorithms: ['RS256'], privileged: true },
  ),
  settingsFor(
    { kind: 'inline', jwks: { keys: [portalKey.jwk] } },
    { iss: PORTAL, audience: 'portal', privileged: false },
  ),
  settingsFor({ kind: 'secret', secret: new Uint8Array(SECRET) }, { iss: SHARED, audience: 'shared' }),
]
const verify = createAccessTokenVerifier(...issuers)
const now = () => at(Date.now())

function signShared(claims: Readonly<Record<string, unknown>>, kid?: string): Promise<string> {
  return new SignJWT({ ...validClaims(), ...claims })
    .setProtectedHeader({ alg: 'HS256', ...(kid && { kid }) })
    .sign(SECRET)
}

describe('a token of one of several issuers', () => {
  it('is verified by the entry of its issuer', async () => {
    expect(await verify(await staffKey.sign(ofStaff), now())).toMatchObject({ issuer: issuers[0] })
    expect(await verify(await portalKey.sign(ofPortal), now())).toMatchObject({ issuer: issuers[1] })
    expect(await verify(await signShared(ofShared), now())).toMatchObject({ issuer: issuers[2] })
  })

  it.each<[string, () => Promise<string>]>([
    ['the key of another, of the same id', () => portalKey.sign(ofStaff)],
    ['the key of another, the other way round', () => staffKey.sign(ofPortal)],
    ['the shared secret of another', () => signShared(ofStaff)],
    ['that secret, by a key id', () => signShared(ofPortal, 'one')],
    ['a key set, where there is a secret', () => staffKey.sign(ofShared)],
    ['its key for the audience of another', () => staffKey.sign({ ...ofStaff, aud: 'portal' })],
    ['its secret for the audience of another', () => signShared({ ...ofShared, aud: 'staff' })],
    ['its key by an algorithm of another', () => staffKey.sign(ofStaff, { alg: 'PS256' }).catch(() => 'a.b.c')],
  ])('is invalid when it is signed by %s', async (_, sign) => {
    await expect(verify(await sign(), now())).rejects.toMatchObject(INVALID)
  })

  it.each([
    [`${STAFF}/`],
    [STAFF.toUpperCase()],
    [`${STAFF} `],
    ['https://stranger.example'],
    [''],
    [undefined],
    [null],
    [7],
    [[STAFF]],
    [{ toString: STAFF }],
    ['__proto__'],
    ['constructor'],
  ])('is of no issuer unless its iss is exactly that of an entry: %j (RFC 8725 §3.8)', async (iss) => {
    await expect(verify(await staffKey.sign({ ...ofStaff, iss }), now())).rejects.toMatchObject(INVALID)
  })

  it('may use its algorithms alone', async () => {
    const pss = await newKey('PS256', 'pss')
    const keys = { kind: 'inline', jwks: { keys: [pss.jwk] } } as const
    const strict = createAccessTokenVerifier(
      settingsFor(keys, { iss: STAFF, audience: 'staff', algorithms: ['RS256'] }),
      settingsFor(keys, { iss: PORTAL, audience: 'portal', algorithms: ['PS256'] }),
    )
    await expect(strict(await pss.sign(ofStaff), now())).rejects.toMatchObject(INVALID)
    expect(await strict(await pss.sign(ofPortal), now())).toMatchObject({ subject: { issuer: PORTAL } })
  })
})

describe('what a token says', () => {
  const scope = 'openid mfa:read mfa:admin mfa:challenge'

  it('includes scopes of this service only when its issuer is privileged', async () => {
    const { scopes } = await verify(await staffKey.sign({ ...ofStaff, scope }), now())
    expect(scopes).toEqual(new Set(['openid', 'mfa:read', 'mfa:admin', 'mfa:challenge']))
    const { scopes: others } = await verify(await portalKey.sign({ ...ofPortal, scope }), now())
    expect(others).toEqual(new Set(['openid']))
  })

  it('is kept under the subject issuer, and is of its own issuer all the same', async () => {
    const keys = { kind: 'inline', jwks: { keys: [staffKey.jwk] } } as const
    const moved = createAccessTokenVerifier(settingsFor(keys, { iss: STAFF, audience: 'staff', subjectIssuer: PORTAL }))
    expect(await moved(await staffKey.sign(ofStaff), now())).toMatchObject({
      issuer: { iss: STAFF },
      subject: { issuer: PORTAL, sub: 'alice' },
    })
  })
})

describe('key sets of several issuers', () => {
  /** A verifier of two issuers with key sets behind URLs. */
  function startTwo(staff: () => Response | Promise<Response>) {
    const [one, other] = [startSource(staff), startSource(jwks(portalKey))]
    const verifier = createAccessTokenVerifier(
      settingsFor({ kind: 'remote', url: one.url }, { iss: STAFF, audience: 'staff' }),
      settingsFor({ kind: 'remote', url: other.url }, { iss: PORTAL, audience: 'portal' }),
    )
    return { one, other, verifier }
  }

  it('do not wait for each other: one source hangs, and the other issuer is verified at once', async () => {
    const { verifier, other } = startTwo(() => new Promise(() => undefined))
    const hanging = verifier(await staffKey.sign(ofStaff), now()).catch((error: { code: string }) => error.code)
    const first = await Promise.race([hanging, verifier(await portalKey.sign(ofPortal), now())])
    expect(first).toMatchObject({ subject: { issuer: PORTAL } })
    expect(other.requests).toHaveLength(1)
  })

  it('fail apart: one source is down, and the tokens of the other issuer stay valid', async () => {
    const { verifier } = startTwo(() => new Response(null, { status: 500 }))
    await expect(verifier(await staffKey.sign(ofStaff), now())).rejects.toMatchObject({ code: 'unavailable' })
    expect(await verifier(await portalKey.sign(ofPortal), now())).toMatchObject({ subject: { issuer: PORTAL } })
  })

  it('have limits of their own: unknown key ids of one issuer keep no request from the other source', async () => {
    const { verifier, one, other } = startTwo(jwks(staffKey))
    for (const kid of ['a', 'b', 'c', 'd']) {
      await expect(verifier(await staffKey.sign(ofStaff, { kid }), now())).rejects.toMatchObject(INVALID)
    }
    expect(await verifier(await portalKey.sign(ofPortal), now())).toMatchObject({ subject: { issuer: PORTAL } })
    expect([one.requests.length, other.requests.length]).toEqual([1, 1])
  })

  it('are not fetched for a token of no issuer', async () => {
    const { verifier, one, other } = startTwo(jwks(staffKey))
    await expect(verifier(await staffKey.sign({ iss: 'https://x.example' }), now())).rejects.toMatchObject(INVALID)
    expect([...one.requests, ...other.requests]).toEqual([])
  })
})
