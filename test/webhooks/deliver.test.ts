import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import type { Delivery } from '../../src/core/delivery.ts'
import { deliver } from '../../src/webhooks/deliver.ts'
import { playReceiver, RECEIVER, WEBHOOK_SECRETS } from '../support/receiver.ts'

const receiver = { url: new URL(RECEIVER), secrets: WEBHOOK_SECRETS }
const delivery: Delivery = {
  eventId: 'd2762ba2-eab2-4fa0-83c8-358662c07fa7',
  type: 'authenticator.added',
  at: Date.UTC(2026, 10, 24),
  sequence: 7,
  subject: { issuer: 'https://issuer.example', sub: 'alice' },
  authenticatorId: null,
  failedAttempts: null,
  attempts: 0,
  createdAt: 0,
}

function attempt(answer: () => Response | Promise<Response>, now = Date.now()) {
  const play = playReceiver(answer)
  return { play, outcome: deliver(delivery, { receiver, now }) }
}

describe('deliver', () => {
  it('sends what happened and to whom, signed under each secret (Standard Webhooks)', async () => {
    const { play, outcome } = attempt(() => new Response())
    expect(await outcome).toEqual({ kind: 'delivered' })
    const [hook] = play.received
    expect(hook?.body).toEqual({
      type: 'authenticator.added',
      timestamp: '2026-11-24T00:00:00.000Z',
      data: {
        event_id: delivery.eventId,
        sequence: 7,
        iss: 'https://issuer.example',
        sub: 'alice',
        authenticator_id: null,
      },
    })
    for (const secret of WEBHOOK_SECRETS) {
      expect(new Webhook(secret).verify(hook?.text ?? '', hook?.headers ?? {})).toEqual(hook?.body)
    }
  })

  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'failed'],
    [307, 'failed'],
    [400, 'failed'],
    [410, 'gone'],
    [429, 'failed'],
    [500, 'failed'],
  ])('takes %i as %s', async (status, kind) => {
    const headers = { Location: `${RECEIVER}/elsewhere` }
    const { play, outcome } = attempt(() => new Response(null, { status, headers }))
    expect((await outcome).kind).toBe(kind)
    expect(play.received).toHaveLength(1)
  })

  it.each([
    ['120', 120_000],
    ['Tue, 24 Nov 2026 00:01:00 GMT', 60_000],
    ['Tue, 24 Nov 2020 00:01:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['9'.repeat(400), 0],
  ])('reads Retry-After: %s (RFC 9110 §10.2.3)', async (value, retryAfterMs) => {
    const answer = () => new Response(null, { status: 503, headers: { 'Retry-After': value } })
    expect(await attempt(answer, Date.UTC(2026, 10, 24)).outcome).toMatchObject({ kind: 'failed', retryAfterMs })
  })

  it('reads no more than a little of an answer that does not end', async () => {
    let chunks = 0
    const pull = (controller: ReadableStreamDefaultController) => {
      chunks += 1
      controller.enqueue(new Uint8Array(512))
    }
    expect(await attempt(() => new Response(new ReadableStream({ pull }))).outcome).toEqual({ kind: 'delivered' })
    expect(chunks).toBeLessThan(10)
  })

  it('gives up an answer that has not come when fifteen seconds are over', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    vi.spyOn(globalThis, 'fetch').mockImplementation(
      (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
          timers.mock.calls.find(([, delay]) => delay === 15_000)?.[0]()
        }),
    )
    expect(await deliver(delivery, { receiver, now: 0 })).toMatchObject({ kind: 'failed', reason: 'AbortError' })
  })

  it('never throws', async () => {
    const refuse = () => Promise.reject(new TypeError('refused'))
    expect(await attempt(refuse).outcome).toEqual({ kind: 'failed', retryAfterMs: 0, reason: 'TypeError' })
  })
})
