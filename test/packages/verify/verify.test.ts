import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  createStepUpVerifier,
  memoryStore,
  type SingleUseStore,
  StepUpError,
  type StepUpVerifierOptions,
} from '../../../packages/verify/src/verify.ts'
import { expectedIn, REFUSALS } from './refusals.ts'
import { AUDIENCE, createSigner, SERVICE_URL, type Signer, seconds, USER } from './tokens.ts'

const OPTIONS = { serviceUrl: SERVICE_URL, audience: AUDIENCE, maxAge: 120 }

let signer: Signer

beforeAll(async () => {
  signer = await createSigner()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Edge MFA, as far as the verifier sees it. */
function publish(answer: () => Promise<Response> | Response = () => Response.json(signer.keySet)) {
  const fetch = vi.fn(async (url: string) => (url === `${SERVICE_URL}/.well-known/jwks.json` ? answer() : notFound()))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

function notFound(): Response {
  return new Response('', { status: 404 })
}

function verifierWith(options: Partial<StepUpVerifierOptions> & { readonly singleUse?: SingleUseStore } = {}) {
  return createStepUpVerifier({ ...OPTIONS, ...options })
}

/** The code with which a promise rejects; `accepted` when it does not. */
async function codeOf(verified: Promise<unknown>): Promise<string> {
  return verified.then(
    () => 'accepted',
    (error) => (error instanceof StepUpError ? error.code : `not a StepUpError: ${error}`),
  )
}

describe('the verifier refuses', () => {
  it.each(REFUSALS)('$what: $code', async (refusal) => {
    publish(() => refusal.keySet?.(signer) ?? Response.json(signer.keySet))
    const token = await (refusal.token?.(signer) ?? signer.sign())
    const { verify } = verifierWith({ singleUse: refusal.store ?? memoryStore() })
    expect(await codeOf(verify(token, expectedIn(refusal)))).toBe(refusal.code)
  })

  it('a token used before, also by fifty requests at once', async () => {
    publish()
    const { verify } = verifierWith({ singleUse: memoryStore() })
    const token = await signer.sign()
    const codes = await Promise.all(Array.from({ length: 50 }, () => codeOf(verify(token, USER))))
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(1)
    expect(codes.filter((code) => code === 'replayed')).toHaveLength(49)
  })

  it('a token bound to a transaction a second time', async () => {
    publish()
    const { verify } = verifierWith({ singleUse: memoryStore() })
    const token = await signer.sign({ txn: 'payment-1' })
    expect(await codeOf(verify(token, { ...USER, txn: 'payment-1' }))).toBe('accepted')
    expect(await codeOf(verify(token, { ...USER, txn: 'payment-1' }))).toBe('replayed')
  })

  it('to check a transaction without a store, before it looks at the token', async () => {
    const fetch = publish()
    const verified = verifierWith().verify('', { ...USER, txn: 'payment-1' })
    await expect(verified).rejects.toThrow('A txn is accepted once: give the verifier a store as singleUse.')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('a key set that does not answer within two seconds', async () => {
    vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => untilAborted(signal))
    expect(await codeOf(verifierWith().verify(await signer.sign(), USER))).toBe('keys-unavailable')
  })
})

describe('the verifier accepts', () => {
  it('a valid token, and answers its claims', async () => {
    publish()
    const claims = await verifierWith().verify(await signer.sign(), USER)
    expect(claims).toMatchObject({ sub: 'alice', sub_iss: USER.iss, acr: 'urn:edge-mfa:acr:mfa', amr: ['otp', 'mfa'] })
    expect(claims).not.toHaveProperty('txn')
  })

  it('a token again until maxAge, without a store', async () => {
    publish()
    const { verify } = verifierWith()
    const token = await signer.sign({ auth_time: seconds() - 100 })
    expect(await codeOf(verify(token, USER))).toBe('accepted')
    expect(await codeOf(verify(token, USER))).toBe('accepted')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 21_000 })
    expect(await codeOf(verify(token, USER))).toBe('too-old')
  })

  it('a token after one that was refused for another reason: a refusal uses nothing up', async () => {
    publish()
    const { verify } = verifierWith({ singleUse: memoryStore() })
    const token = await signer.sign({ txn: 'payment-1' })
    expect(await codeOf(verify(token, { ...USER, txn: 'payment-2' }))).toBe('wrong-txn')
    expect(await codeOf(verify(token, { iss: USER.iss, sub: 'mallory', txn: 'payment-1' }))).toBe('wrong-user')
    expect(await codeOf(verify(token, { ...USER, txn: 'payment-1' }))).toBe('accepted')
  })

  it('a token for a service, with allowService', async () => {
    publish()
    const token = await signer.sign({ acr: 'urn:edge-mfa:acr:factor', client_id: 'backend', amr: [] })
    const claims = await verifierWith({ allowService: true }).verify(token, USER)
    expect(claims).toMatchObject({ client_id: 'backend', amr: [] })
  })

  it('a token under an inline key set and another issuer', async () => {
    const fetch = publish()
    const issuer = 'https://proofs.example.com'
    const { verify } = createStepUpVerifier({ jwks: signer.keySet, issuer, audience: AUDIENCE, maxAge: 120 })
    expect(await codeOf(verify(await signer.sign({ iss: issuer }), USER))).toBe('accepted')
    expect(await codeOf(verify(await signer.sign(), USER))).toBe('wrong-issuer')
    expect(fetch).not.toHaveBeenCalled()
  })

  it('a token under a key that is published later, without a restart', async () => {
    const next = await createSigner('next-key')
    let keySet = signer.keySet
    const fetch = publish(() => Response.json(keySet))
    const { verify } = verifierWith()
    expect(await codeOf(verify(await signer.sign(), USER))).toBe('accepted')
    keySet = { keys: [...signer.keySet.keys, next.publicJwk] }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    expect(await codeOf(verify(await next.sign(), USER))).toBe('accepted')
    expect(fetch).toHaveBeenCalledTimes(2)
  })
})

describe('the options of the verifier', () => {
  it.each<[string, object]>([
    ['a service address without TLS', { serviceUrl: 'http://mfa.example.com' }],
    ['a service address that is none', { serviceUrl: 'mfa.example.com' }],
    ['no audience', { audience: '' }],
    ['an age of zero', { maxAge: 0 }],
    ['an age that is a text', { maxAge: '300' }],
    ['a store without the method', { singleUse: new Map() }],
    ['an empty key set', { jwks: { keys: [] }, issuer: SERVICE_URL }],
    ['a key set without an issuer', { jwks: { keys: [] } }],
  ])('are refused at once: %s', (_, options) => {
    expect(() => verifierWith(options)).toThrow(TypeError)
  })

  it('take a service on the loopback interface without TLS', () => {
    expect(verifierWith({ serviceUrl: 'http://127.0.0.1:8787' }).maxAge).toBe(120)
  })
})

describe('the store in memory', () => {
  it('keeps an identifier until it expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    const store = memoryStore()
    expect(await store.insertIfAbsent('a', 1000)).toBe(true)
    vi.setSystemTime(999)
    expect(await store.insertIfAbsent('a', 2000)).toBe(false)
    vi.setSystemTime(1000)
    expect(await store.insertIfAbsent('a', 2000)).toBe(true)
  })

  it('does not forget an identifier while an earlier one lives longer', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    const store = memoryStore()
    await store.insertIfAbsent('long', 5000)
    await store.insertIfAbsent('short', 1000)
    vi.setSystemTime(2000)
    expect(await store.insertIfAbsent('long', 5000)).toBe(false)
  })
})

function untilAborted(signal: AbortSignal): Promise<Response> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}
