import { afterEach, describe, expect, it, vi } from 'vitest'
import { withHeader } from '../support/forge.ts'
import { jwks, newKey, newShortKey, startSource } from '../support/issuer.ts'
import {
  COOLDOWN_MS,
  copyOf,
  down,
  LARGEST_BYTES,
  newIsolate,
  outcomes,
  pass,
  STALE_MS,
  sized,
} from '../support/key-set.ts'

const first = await newKey('ES256', 'first')
const second = await newKey('ES256', 'second')
const short = await newShortKey('short')
const ALICE = { subject: { sub: 'alice' } }
const INVALID = { code: 'invalid-token' }
const UNAVAILABLE = { code: 'unavailable', options: { retryAfterSeconds: 2 } }

afterEach(() => {
  vi.useRealTimers()
})

/** Tokens that name as many keys of no set. */
function strangers(count: number): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => first.sign({}, { kid: `made-up-${index}` })))
}

describe('remote key set', () => {
  it('is asked for once, however many tokens come', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    for (let count = 0; count < 3; count += 1) expect(await verify(await first.sign())).toMatchObject(ALICE)
    expect(source.requests).toHaveLength(1)
  })

  it('is asked for once by forty requests at once, and all of them are accepted', async () => {
    const source = startSource(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200))
      return jwks(first)()
    })
    const verify = newIsolate(source.url)
    const tokens = await Promise.all(Array.from({ length: 40 }, () => first.sign()))
    expect(await outcomes(tokens.map(verify))).toEqual(new Set(['valid']))
    expect(source.requests).toHaveLength(1)
  })

  it.each<[string, () => Promise<string> | string]>([
    ['is no token', () => 'abc'],
    ['has another algorithm', () => withHeader(Date.now(), {})],
    ['has another typ', () => first.sign({}, { typ: 'mfa-stepup+jwt' })],
    ['has a kid that is not a string', () => withHeader(Date.now(), { alg: 'ES256', kid: 7 })],
    ['names its own keys', () => first.sign({}, { jku: 'https://attacker.example/jwks' })],
    ['has another issuer', () => first.sign({ iss: 'https://attacker.example' })],
    ['has another audience', () => first.sign({ aud: 'other' })],
    ['has expired', () => first.sign({ exp: 1 })],
    ['has no expiry', () => first.sign({ exp: undefined })],
    ['is not valid yet', () => first.sign({ nbf: 9e9 })],
    ['has no subject', () => first.sign({ sub: undefined })],
  ])('is not asked for by a token that %s', async (_, token) => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await expect(verify(await token())).rejects.toMatchObject(INVALID)
    expect(source.requests).toEqual([])
  })

  it('is asked for without following redirects, and not for long', async () => {
    const source = startSource(jwks(first))
    await newIsolate(source.url)(await first.sign())
    expect(source.requests).toEqual([expect.objectContaining({ redirect: 'manual', signal: expect.any(AbortSignal) })])
  })

  it('is asked for again when a token names a new key', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = jwks(second)
    pass(COOLDOWN_MS)
    expect(await verify(await second.sign())).toMatchObject(ALICE)
    await expect(verify(await first.sign())).rejects.toMatchObject(INVALID)
  })

  it('is asked for again twice a minute at most, whatever key ids tokens make up', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    for (let count = 0; count < 5; count += 1) {
      await expect(verify(await first.sign({}, { kid: `made-up-${count}` }))).rejects.toMatchObject(INVALID)
    }
    expect(source.requests).toHaveLength(1)
    pass(COOLDOWN_MS)
    await expect(verify(await first.sign({}, { kid: 'made-up' }))).rejects.toMatchObject(INVALID)
    expect(source.requests).toHaveLength(2)
  })

  it.each([
    ['answers', jwks(first)],
    ['fails', down],
  ])('is asked for once by sixty unknown key ids at once after that time: the source %s', async (_, answer) => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = answer
    pass(COOLDOWN_MS)
    expect(await outcomes((await strangers(60)).map(verify))).toEqual(new Set(['invalid-token']))
    expect(source.requests).toHaveLength(2)
  })

  it('is found by everyone who brings a new key while it is asked for', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200))
      return jwks(second)()
    }
    pass(COOLDOWN_MS)
    const tokens = await Promise.all(Array.from({ length: 20 }, () => second.sign()))
    expect(await outcomes(tokens.map(verify))).toEqual(new Set(['valid']))
    expect(source.requests).toHaveLength(2)
  })

  it('is asked for again when the clock went back', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = jwks(second)
    pass(-STALE_MS)
    expect(await verify(await second.sign())).toMatchObject(ALICE)
  })

  it('refuses a token that names an unusable key of the set, and asks on for new keys all the same', async () => {
    const unusable = { kty: 'EC', crv: 'P-256', kid: 'unusable', x: 'AA', y: 'AA' }
    const source = startSource(() => Response.json({ keys: [unusable, first.jwk] }))
    const verify = newIsolate(source.url)
    const token = await first.sign({}, { kid: 'unusable' })
    await expect(verify(token)).rejects.toMatchObject(INVALID)
    source.answer = jwks(second)
    pass(COOLDOWN_MS)
    await expect(verify(token)).rejects.toMatchObject(INVALID)
    expect(await verify(await second.sign())).toMatchObject(ALICE)
  })

  it('refuses a token under an RSA key of 1024 bits, and goes on with the other keys (RFC 7518 §3.3)', async () => {
    const source = startSource(() => Response.json({ keys: [short.jwk, first.jwk] }))
    const verify = newIsolate(source.url)
    expect(await verify(await first.sign())).toMatchObject(ALICE)
    await expect(verify(short.token)).rejects.toMatchObject(INVALID)
  })

  it('drops a key that was taken out once the set is stale', async () => {
    const source = startSource(jwks(first, second))
    const verify = newIsolate(source.url)
    expect(await verify(await first.sign())).toMatchObject(ALICE)
    source.answer = jwks(second)
    pass(STALE_MS)
    await expect(verify(await first.sign())).rejects.toMatchObject(INVALID)
  })

  it('may have 256 KiB', async () => {
    const source = startSource(() => sized({ keys: [first.jwk] }, LARGEST_BYTES))
    expect(await newIsolate(source.url)(await first.sign())).toMatchObject(ALICE)
  })

  it('is kept at the edge under a key of its own, which answers no request to the source', async () => {
    const source = startSource(jwks(first))
    await newIsolate(source.url)(await first.sign())
    expect(await caches.default.match(source.url)).toBeUndefined()
    expect(await (await caches.default.match(copyOf(source.url)))?.json()).toEqual({ keys: [first.jwk] })
  })

  it.each(['', '{"keys":[]}', '<html>'])('is validated again when it comes from the edge: %j', async (text) => {
    const source = startSource(down)
    const headers = { 'Cache-Control': 'max-age=60' }
    await caches.default.put(copyOf(source.url), new Response(text, { headers }))
    await expect(newIsolate(source.url)(await first.sign())).rejects.toMatchObject(UNAVAILABLE)
  })
})
