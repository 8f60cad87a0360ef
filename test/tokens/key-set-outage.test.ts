import { afterEach, describe, expect, it, vi } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { jwks, newKey, newShortKey, settingsFor, startSource } from '../support/issuer.ts'
import {
  copyOf,
  down,
  LARGEST_BYTES,
  newIsolate,
  outcomes,
  pass,
  RETRY_MS,
  STALE_MS,
  sized,
} from '../support/key-set.ts'

const first = await newKey('ES256', 'first')
const second = await newKey('ES256', 'second')
const short = await newShortKey('short')
const ALICE = { subject: { sub: 'alice' } }
const INVALID = { code: 'invalid-token' }
const UNAVAILABLE = { code: 'unavailable', options: { retryAfterSeconds: 2 } }
const MINUTE_MS = 60_000

afterEach(() => {
  vi.useRealTimers()
})

/** A source that never answers, until its deadline. */
function hang(source: { readonly requests: readonly RequestInit[] }): () => Promise<Response> {
  return () =>
    new Promise((_, reject) => {
      const signal = source.requests.at(-1)?.signal
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
}

/** A body that begins well and never ends. */
function drip(): Response {
  let timer: ReturnType<typeof setInterval> | undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"keys":['))
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode(' ')), 50)
    },
    cancel: () => clearInterval(timer),
  })
  return new Response(body)
}

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
    ['answers keys that are no objects', () => Response.json({ keys: ['first', null, 7] })],
    ['answers a text that ends early', () => new Response('{"keys":[')],
    ['answers an empty set', () => Response.json({ keys: [] })],
    ['answers keys for encryption', () => Response.json({ keys: [{ ...first.jwk, use: 'enc' }] })],
    ['answers a key that is no point of its curve', () => Response.json({ keys: [{ ...first.jwk, y: first.jwk.x }] })],
    ['answers a shared secret', () => Response.json({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'first' }] })],
    ['answers an RSA key of 1024 bits', () => Response.json({ keys: [short.jwk] })],
    ['answers 256 KiB and a byte more', () => sized({ keys: [first.jwk] }, LARGEST_BYTES + 1)],
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
    expect(source.requests).toHaveLength(3)
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

  it('is over within two seconds of the source answering again: the next token without known keys is accepted', async () => {
    const source = startSource(down)
    const verify = newIsolate(source.url)
    await expect(verify(await first.sign())).rejects.toMatchObject(UNAVAILABLE)
    source.answer = jwks(first)
    pass(RETRY_MS)
    expect(await verify(await first.sign())).toMatchObject(ALICE)
  })

  it('makes one request of forty at once, in an isolate that knows no keys', async () => {
    const source = startSource(down)
    const tokens = await Promise.all(Array.from({ length: 40 }, () => first.sign()))
    expect(await outcomes(tokens.map(newIsolate(source.url)))).toEqual(new Set(['unavailable']))
    expect(source.requests).toHaveLength(1)
  })

  it('makes two requests a minute at most, in an isolate that knows no keys', async () => {
    const source = startSource(down)
    const verify = newIsolate(source.url)
    const token = await first.sign()
    vi.setSystemTime(Date.now())
    const times: number[] = []
    for (let second = 0; second < 180; second += 1) {
      const before = source.requests.length
      await expect(verify(token)).rejects.toMatchObject(UNAVAILABLE)
      if (source.requests.length > before) times.push(second)
      pass(1_000)
    }
    for (const time of times) {
      const within = times.filter((other) => other >= time && other < time + MINUTE_MS / 1_000)
      expect(within.length).toBeLessThanOrEqual(2)
    }
    expect(times.length).toBeGreaterThanOrEqual(5)
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
    expect(await caches.default.delete(copyOf(source.url))).toBe(true)
    source.answer = down
    pass(STALE_MS)
    for (let count = 0; count < 5; count += 1) expect(await verify(await first.sign())).toMatchObject(ALICE)
    expect(source.requests).toHaveLength(2)
    await expect(verify(await second.sign())).rejects.toMatchObject(INVALID)
  })

  it.each([
    ['hangs', hang],
    ['sends a body that does not end', () => drip],
  ])('waits 1.5 s and no longer for a source that %s', async (_, answerOf) => {
    const source = startSource(down)
    source.answer = answerOf(source)
    const verify = newIsolate(source.url)
    const tokens = await Promise.all(Array.from({ length: 5 }, () => first.sign()))
    const startedAt = performance.now()
    expect(await outcomes(tokens.map(verify))).toEqual(new Set(['unavailable']))
    expect(performance.now() - startedAt).toBeLessThan(2_500)
    expect(source.requests).toHaveLength(1)
  })

  it('holds up one request alone while a stale set is asked for', async () => {
    const source = startSource(jwks(first))
    const verify = newIsolate(source.url)
    await verify(await first.sign())
    source.answer = hang(source)
    pass(STALE_MS)
    const token = await first.sign()
    const held = verify(token)
    const startedAt = performance.now()
    expect(await outcomes(Array.from({ length: 5 }, () => verify(token)))).toEqual(new Set(['valid']))
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect(await held).toMatchObject(ALICE)
  })

  it('gives all of those who wait the keys that the edge kept, once the source has not answered', async () => {
    const source = startSource(jwks(first))
    await newIsolate(source.url)(await first.sign())
    source.answer = hang(source)
    const verify = newIsolate(source.url)
    const tokens = await Promise.all(Array.from({ length: 5 }, () => first.sign()))
    expect(await outcomes(tokens.map(verify))).toEqual(new Set(['valid']))
  })

  it('is survived by the requests after one that ended early', async () => {
    const source = startSource(() => new Promise(() => undefined))
    const settings = settingsFor({ kind: 'remote', url: source.url })
    const verify = createAccessTokenVerifier(settings)
    const token = await first.sign()
    vi.setSystemTime(Date.now())
    const verification = () => ({ now: Date.now(), waitUntil: () => undefined })
    // Its promise is never settled, as that of a request whose context is gone.
    void verify(token, verification())
    expect(await outcomes(Array.from({ length: 5 }, () => verify(token, verification())))).toEqual(
      new Set(['unavailable']),
    )
    source.answer = jwks(first)
    pass(RETRY_MS)
    expect(await verify(token, verification())).toMatchObject(ALICE)
  })
})
