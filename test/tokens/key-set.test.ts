import { afterEach, describe, expect, it, vi } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { withHeader } from '../support/forge.ts'
import { jwks, newKey, settingsFor, startSource } from '../support/issuer.ts'

const first = await newKey('ES256', 'first')
const second = await newKey('ES256', 'second')
const ALICE = { subject: { sub: 'alice' } }
const INVALID = { code: 'invalid-token' }
const UNAVAILABLE = { code: 'unavailable', options: { retryAfterSeconds: 2 } }
/** The least time between two requests to a source. */
const COOLDOWN_MS = 31_000
/** The time after which a key set is asked for again. */
const STALE_MS = 601_000

afterEach(() => {
  vi.useRealTimers()
})

function down(): Promise<Response> {
  return Promise.reject(new TypeError('no route'))
}

function pass(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds)
}

/** Verifies in an isolate that knows nothing; the edge remembers across them. */
function newIsolate(url: URL) {
  const verify = createAccessTokenVerifier(settingsFor({ kind: 'remote', url }))
  return (token: string) => verify(token, Date.now())
}

describe('remote key set', () => {
  it('is asked for once, however many tokens come', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    for (let count = 0; count < 3; count += 1) expect(await verify(await first.sign())).toMatchObject(ALICE)
    expect(source.requests).toHaveLength(1)
  })

  it('is not asked for by a token that is bad without it', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    const bad = ['abc', await withHeader(Date.now(), {}), await first.sign({}, { typ: 'mfa-stepup+jwt' })]
    for (const token of bad) await expect(verify(token)).rejects.toMatchObject(INVALID)
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

  it('drops a key that was taken out once the set is stale', async () => {
    const source = startSource(jwks(first, second))
    const verify = newIsolate(source.url)
    expect(await verify(await first.sign())).toMatchObject(ALICE)
    source.answer = jwks(second)
    pass(STALE_MS)
    await expect(verify(await first.sign())).rejects.toMatchObject(INVALID)
  })
})

describe('the source is down', () => {
  const OUTAGES: readonly (readonly [string, () => Response | Promise<Response>])[] = [
    ['refuses', down],
    ['answers 500', () => Response.json({ keys: [first.jwk] }, { status: 500 })],
    ['answers 404', () => new Response('not here', { status: 404 })],
    ['answers 204', () => new Response(null, { status: 204 })],
    ['redirects', () => Response.redirect('https://attacker.example/jwks', 302)],
    ['answers no JSON', () => new Response('<html>')],
    ['answers no set', () => Response.json([])],
    ['answers null', () => Response.json(null)],
    ['answers keys that are no list', () => Response.json({ keys: 'all' })],
    ['answers keys that are no objects', () => Response.json({ keys: ['first'] })],
    ['answers a text that ends early', () => new Response('{"keys":[')],
  ]

  it.each(OUTAGES)(
    'it %s: the problem is unavailable while no keys are known, never a bad token',
    async (_, answer) => {
      const source = startSource(answer)
      await expect(newIsolate(source.url)(await first.sign())).rejects.toMatchObject(UNAVAILABLE)
    },
  )

  it.each(OUTAGES)('it %s: an isolate goes on with the keys that it knows', async (_, answer) => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = answer
    pass(STALE_MS)
    expect(await verify(await first.sign())).toMatchObject(ALICE)
    pass(10 * STALE_MS)
    expect(await verify(await first.sign())).toMatchObject(ALICE)
  })

  it.each(OUTAGES)('it %s: a new isolate goes on with the keys that the edge kept', async (_, answer) => {
    const source = startSource(jwks(first))
    await newIsolate(source.url)(await first.sign())
    source.answer = answer
    expect(await newIsolate(source.url)(await first.sign())).toMatchObject(ALICE)
  })

  it('goes on refusing what is no token of the known keys', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = down
    pass(STALE_MS)
    const forged = await newKey('ES256', 'first')
    await expect(verify(await forged.sign())).rejects.toMatchObject(INVALID)
    await expect(verify(await second.sign())).rejects.toMatchObject(INVALID)
  })

  it('is over as soon as the source answers: the next token without known keys is accepted', async () => {
    const source = startSource(down)
    const verify = newIsolate(source.url)
    await expect(verify(await first.sign())).rejects.toMatchObject(UNAVAILABLE)
    source.answer = jwks(first)
    expect(await verify(await first.sign())).toMatchObject(ALICE)
  })

  it('does not hold up every request: a source that failed rests while keys are known', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = down
    pass(STALE_MS)
    for (let count = 0; count < 5; count += 1) await verify(await first.sign())
    expect(source.requests).toHaveLength(2)
  })

  it('rests so, too, where the edge has kept nothing', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    await caches.default.delete(source.url)
    source.answer = down
    pass(STALE_MS)
    for (let count = 0; count < 5; count += 1) expect(await verify(await first.sign())).toMatchObject(ALICE)
    expect(source.requests).toHaveLength(2)
    await expect(verify(await second.sign())).rejects.toMatchObject(INVALID)
  })

  it('waits 1.5 s and no longer for a source that hangs', async () => {
    const source = startSource(
      () =>
        new Promise((_, reject) => {
          const signal = source.requests.at(-1)?.signal
          signal?.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    const startedAt = performance.now()
    await expect(newIsolate(source.url)(await first.sign())).rejects.toMatchObject(UNAVAILABLE)
    expect(performance.now() - startedAt).toBeLessThan(2_500)
  })
})
