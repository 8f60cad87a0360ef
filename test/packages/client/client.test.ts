import { hc, type InferResponseType } from 'hono/client'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import {
  type Authenticator,
  type BackupCodes,
  createMfaClient,
  type Done,
  type Event,
  type EventPage,
  type MfaClient,
  type PendingEnrollment,
  type Status,
  type StepUp,
} from '../../../packages/client/src/client.ts'
import type { AppType } from '../../../src/app.ts'
import { eventTypes, firstId, readyAccount } from '../../support/account.ts'
import { setUp } from '../../support/life.ts'
import { codeOf } from '../../support/phone.ts'
import { newUser, PUBLIC_URL, startService } from '../../support/service.ts'

type Tamper = (request: Request, tried: number) => Response | undefined

const service = startService()

async function reach(request: Request): Promise<Response> {
  const { status, headers, text } = await service.send(request)
  return new Response(status === 204 ? null : text, { status, headers })
}

/** A client whose answers get lost: the service does its work, and `tamper` says what arrives instead. */
function clientOf(token: string, tamper: Tamper = () => undefined) {
  const asked = vi.fn(() => token)
  const sent: string[] = []
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init)
    sent.push(`${request.method} ${new URL(request.url).pathname}`)
    const answer = await reach(request)
    return tamper(request, sent.length) ?? answer
  }
  return { client: createMfaClient({ url: PUBLIC_URL, token: asked, fetch }), asked, sent }
}

/** An answer that nobody's service gave, of the network or of what stands in it. */
function answering(make: () => Response | Promise<Response>, timeoutMs = 10_000) {
  const fetch = vi.fn(async () => make())
  return { client: createMfaClient({ url: PUBLIC_URL, token: () => 't', fetch, timeoutMs }), fetch }
}

function lost(): never {
  throw new TypeError('connection reset')
}

describe('the client against the Worker', () => {
  it('does every operation of a user', async () => {
    const account = await readyAccount(service)
    const { client } = clientOf(account.token)
    const [first = '', second = '', third = '', fourth = ''] = account.backupCodes
    expect(await client.status()).toMatchObject({ ok: true, value: { enabled: true } })
    const id = await firstId(service, account)
    expect(await client.renameAuthenticator(id, 'Phone')).toMatchObject({ ok: true, value: { id, name: 'Phone' } })
    expect(await client.challenge({ code: codeOf(account.secret) })).toMatchObject({ ok: true })
    expect(await client.setup({ name: 'B', backup_code: first })).toMatchObject({ ok: true, value: { success: true } })
    expect(await client.cancelSetup()).toMatchObject({ ok: true, value: undefined })
    expect(await client.removeAuthenticator(id, { backup_code: second })).toMatchObject({
      problem: { name: 'last-authenticator', status: 409 },
    })
    expect(await client.events({ limit: 1 })).toMatchObject({ ok: true, value: { next_cursor: expect.any(String) } })
    const fresh = await client.regenerateBackupCodes({ backup_code: third })
    expect(fresh).toMatchObject({ ok: true })
    expect(await client.disable({ backup_code: fourth })).toMatchObject({ problem: { name: 'invalid-code' } })
    const code = fresh.ok ? (fresh.value.backup_codes[0] ?? '') : ''
    expect(await client.disable({ backup_code: code })).toMatchObject({ ok: true })
  })

  it('gets the codes after a lost answer of verify, by one activation and one token', async () => {
    const user = await newUser()
    const secret = await setUp(service, user.token)
    const { client, asked, sent } = clientOf(user.token, (_, tried) => (tried === 1 ? lost() : undefined))
    const result = await client.verify(codeOf(secret))
    expect(result).toMatchObject({ ok: true, value: { backup_codes: { length: 10 } } })
    expect([sent.length, asked.mock.calls.length]).toEqual([2, 1])
    expect((await eventTypes(user.sub)).filter((type) => type === 'mfa.enabled')).toHaveLength(1)
  })

  it('names problems, with their members', async () => {
    const { client } = clientOf((await newUser()).token)
    expect(await client.verify('12')).toMatchObject({
      problem: { name: 'invalid-request', errors: [{ pointer: '#/code' }] },
    })
    expect(await client.verify('123456')).toMatchObject({ problem: { name: 'no-pending-enrollment' } })
    expect(await clientOf('no').client.status()).toMatchObject({ problem: { name: 'invalid-token' } })
  })

  it('is reached by hono/client too', async () => {
    const { token } = await newUser()
    const api = hc<AppType>(PUBLIC_URL, {
      fetch: (input: RequestInfo | URL, init?: RequestInit) => reach(new Request(input, init)),
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(await (await api.api.user.profile.mfa.$get()).json()).toMatchObject({ enabled: false })
  })
})

describe('answers that are lost', () => {
  it('are not asked for again where that does something twice', async () => {
    const { client, fetch } = answering(lost)
    const proof = { code: '123456' }
    const results = [client.challenge(proof), client.disable(proof), client.regenerateBackupCodes(proof)]
    const more = [client.setup(), client.cancelSetup(), client.renameAuthenticator('a', 'b')]
    for (const result of await Promise.all([...results, ...more, client.removeAuthenticator('a', proof)])) {
      expect(result).toMatchObject({ ok: false, problem: { name: 'unreachable' } })
    }
    expect(fetch).toHaveBeenCalledTimes(7)
  })

  it.each([
    ['HTML of a proxy', () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Retry-After': '0' } })],
    ['a redirect', () => new Response(null, { status: 302, headers: { Location: '/x', 'Retry-After': '0' } })],
    ['a 200 without JSON', () => new Response('ok', { headers: { 'Retry-After': '0' } })],
  ])('are asked for four times at most: %s', async (_, make) => {
    const { client, fetch } = answering(make)
    expect(await client.status()).toMatchObject({ ok: false, problem: { name: 'unreachable' } })
    expect(fetch).toHaveBeenCalledTimes(4)
  })

  it('end at a deadline, and at an abort', async () => {
    const never = (_: unknown, init?: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const clientOf = (timeoutMs: number) =>
      createMfaClient({ url: PUBLIC_URL, token: () => 't', fetch: never, timeoutMs })
    expect(await clientOf(20).cancelSetup()).toMatchObject({ problem: { name: 'unreachable' } })
    await expect(clientOf(10_000).status({ signal: AbortSignal.timeout(20) })).rejects.toThrow()
    await expect(clientOf(10_000).status({ signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
  })

  it('stop being asked for when the signal aborts during the wait', async () => {
    const busy = () => new Response(null, { status: 503, headers: { 'Retry-After': '5' } })
    const { client, fetch } = answering(busy)
    await expect(client.status({ signal: AbortSignal.timeout(30) })).rejects.toThrow()
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('are not waited for beyond the time in which the service repeats them', async () => {
    const body = { type: 'https://a/problems/unavailable', status: 503, detail: 'x' }
    const make = () => Response.json(body, { status: 503, headers: { 'Retry-After': '600' } })
    const { client, fetch } = answering(make)
    expect(await client.verify('123456')).toMatchObject({ problem: { name: 'unavailable', retryAfter: 600 } })
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('keep a problem of a newer service whole', async () => {
    const body = { type: 'https://a/problems/new-one', status: 418, detail: 'x', more: 1 }
    const { client } = answering(() => Response.json(body, { status: 418 }))
    expect(await client.status()).toMatchObject({ problem: { ...body, name: 'unknown' } })
  })
})

/** Neither tells less than the other: the same members, and what one gives the other takes. */
type Same<Wire, Client> = [Wire] extends [Client]
  ? [keyof Wire] extends [keyof Client]
    ? [keyof Client] extends [keyof Wire]
      ? true
      : 'the client has a member more'
    : 'the wire has a member more'
  : 'the client takes less than the wire gives'

it('is typed as the routes are', () => {
  type Mfa = ReturnType<typeof hc<AppType>>['api']['user']['profile']['mfa']
  type Answer<Endpoint> = InferResponseType<Endpoint, 200>
  type Page = Answer<Mfa['events']['$get']>
  type Id = Mfa['authenticators'][':id']
  expectTypeOf<Same<Answer<Mfa['$get']>, Status>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Answer<Mfa['setup']['$post']>, PendingEnrollment>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Answer<Mfa['verify']['$post']>, BackupCodes>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Answer<Mfa['challenge']['$post']>, StepUp>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Answer<Mfa['backup-codes']['$post']>, BackupCodes>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Answer<Mfa['disable']['$post']>, Done>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Answer<Id['$patch']>, Authenticator>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Answer<Id['remove']['$post']>, Done>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Page, EventPage>>().toEqualTypeOf<true>()
  expectTypeOf<Same<Page['events'][number], Event>>().toEqualTypeOf<true>()
})

it('takes one proof, and nothing that it does not know', () => {
  expectTypeOf<{ code: string }>().toExtend<Parameters<MfaClient['challenge']>[0]>()
  expectTypeOf<{ backup_code: string }>().toExtend<Parameters<MfaClient['setup']>[0]>()
  expectTypeOf<{ name: string; code: string }>().toExtend<Parameters<MfaClient['setup']>[0]>()
  expectTypeOf<{ code: string; backup_code: string }>().not.toExtend<Parameters<MfaClient['challenge']>[0]>()
  expectTypeOf<{ code: string; backup_code: string }>().not.toExtend<Parameters<MfaClient['setup']>[0]>()
  expectTypeOf<{ colour: string }>().not.toExtend<Parameters<MfaClient['setup']>[0]>()
  expectTypeOf<{ colour: string }>().not.toExtend<Parameters<MfaClient['challenge']>[0]>()
})
