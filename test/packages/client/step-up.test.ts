import { describe, expect, it, vi } from 'vitest'
import { withStepUp } from '../../../packages/client/src/client.ts'

const ADDRESS = 'https://api.example.com/transfers'
const CHALLENGE = 'Bearer error="insufficient_user_authentication", acr_values="urn:edge-mfa:acr:mfa", max_age="300"'

type Seen = { readonly proof: string | null; readonly body: string; readonly method: string }

/** A server that demands a step-up token, and what it saw. */
function server(challenge = CHALLENGE) {
  const seen: Seen[] = []
  const send = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    const proof = request.headers.get('Step-Up-Token')
    seen.push({ proof, body: await request.text(), method: request.method })
    if (proof === 'proof') return new Response('done')
    return new Response('refused', { status: 401, headers: { 'WWW-Authenticate': challenge } })
  }
  return { seen, send }
}

describe('withStepUp', () => {
  it('sends a request once where no proof is demanded', async () => {
    const challenge = vi.fn(async () => 'proof')
    const send = vi.fn(async () => new Response('done'))
    const response = await withStepUp(send, { challenge })(ADDRESS)
    expect(await response.text()).toBe('done')
    expect([send.mock.calls.length, challenge.mock.calls.length]).toEqual([1, 0])
  })

  it.each<[string, () => RequestInit]>([
    ['a text', () => ({ body: 'amount=5' })],
    ['a stream', () => ({ body: new Blob(['amount=5']).stream(), duplex: 'half' })],
    ['a form', () => ({ body: new URLSearchParams({ amount: '5' }) })],
  ])('repeats the request with the proof and the same body: %s', async (_, init) => {
    const { seen, send } = server()
    const response = await withStepUp(send, { challenge: async () => 'proof' })(ADDRESS, { method: 'POST', ...init() })
    expect(await response.text()).toBe('done')
    expect(seen).toEqual([
      { proof: null, body: 'amount=5', method: 'POST' },
      { proof: 'proof', body: 'amount=5', method: 'POST' },
    ])
  })

  it('takes a Request, too', async () => {
    const { seen, send } = server()
    await withStepUp(send, { challenge: async () => 'proof' })(new Request(ADDRESS, { method: 'PUT', body: 'a' }))
    expect(seen.map(({ body, method }) => method + body)).toEqual(['PUTa', 'PUTa'])
  })

  it('repeats it once: a second refusal is the answer', async () => {
    const { seen, send } = server()
    const challenge = vi.fn(async () => 'stale proof')
    const response = await withStepUp(send, { challenge })(ADDRESS)
    expect([response.status, seen.length, challenge.mock.calls.length]).toEqual([401, 2, 1])
  })

  it('resolves to the readable refusal when the user cancels', async () => {
    const { seen, send } = server()
    const response = await withStepUp(send, { challenge: async () => undefined })(ADDRESS, {
      method: 'POST',
      body: 'a',
    })
    expect([response.status, await response.text(), seen.length]).toEqual([401, 'refused', 1])
  })

  it('rejects when the challenge fails, and asks again the next time', async () => {
    const { send } = server()
    const challenge = vi.fn(async () => 'proof')
    challenge.mockRejectedValueOnce(new Error('no dialog'))
    const fetch = withStepUp(send, { challenge })
    await expect(fetch(ADDRESS)).rejects.toThrow('no dialog')
    expect((await fetch(ADDRESS)).status).toBe(200)
  })

  it('shares one challenge between requests that are refused together', async () => {
    const { seen, send } = server()
    const asked = Promise.withResolvers<string>()
    const challenge = vi.fn(() => asked.promise)
    const fetch = withStepUp(send, { challenge })
    const responses = Promise.all([fetch(`${ADDRESS}/1`), fetch(`${ADDRESS}/2`), fetch(`${ADDRESS}/3`)])
    await vi.waitFor(() => expect(seen).toHaveLength(3))
    asked.resolve('proof')
    expect((await responses).map(({ status }) => status)).toEqual([200, 200, 200])
    expect(challenge).toHaveBeenCalledTimes(1)
  })

  it('ends the wait of an aborted request alone', async () => {
    const { seen, send } = server()
    const asked = Promise.withResolvers<string>()
    const fetch = withStepUp(send, { challenge: () => asked.promise })
    const controller = new AbortController()
    const aborted = fetch(ADDRESS, { signal: controller.signal })
    const other = fetch(ADDRESS)
    await vi.waitFor(() => expect(seen).toHaveLength(2))
    controller.abort(new Error('left the page'))
    await expect(aborted).rejects.toThrow('left the page')
    asked.resolve('proof')
    expect((await other).status).toBe(200)
  })

  it.each([
    ['another error', 'Bearer error="invalid_token"'],
    ['a new sign-in', 'Bearer error="insufficient_user_authentication", max_age="60"'],
    ['another context', 'Bearer error="insufficient_user_authentication", acr_values="urn:example:gold"'],
    ['nothing', ''],
  ])('leaves a 401 alone that asks for %s', async (_, header) => {
    const { seen, send } = server(header)
    const challenge = vi.fn(async () => 'proof')
    expect((await withStepUp(send, { challenge })(ADDRESS)).status).toBe(401)
    expect([seen.length, challenge.mock.calls.length]).toEqual([1, 0])
  })
})
