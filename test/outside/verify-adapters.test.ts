import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { StepUpOptions } from '../../packages/verify/src/enforce.ts'
import {
  createStepUpVerifier,
  memoryStore,
  type StepUpVerifier,
  type StepUpVerifierOptions,
} from '../../packages/verify/src/verify.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { AUDIENCE, createSigner, SERVICE_URL, type Signer, seconds, USER } from '../packages/verify/tokens.ts'
import { FRAMEWORKS } from '../support/node/frameworks.ts'

const STEP_UP =
  /^Bearer error="insufficient_user_authentication", error_description="[^"]+", acr_values="urn:edge-mfa:acr:mfa", max_age="60"$/

let signer: Signer
let deadPort: number

beforeAll(async () => {
  signer = await createSigner()
  deadPort = await freePort()
})

function verifier(options: Partial<StepUpVerifierOptions> = {}): StepUpVerifier {
  return createStepUpVerifier({ jwks: signer.keySet, issuer: SERVICE_URL, audience: AUDIENCE, maxAge: 60, ...options })
}

function unreachable(): StepUpVerifier {
  return createStepUpVerifier({ serviceUrl: `http://127.0.0.1:${deadPort}`, audience: AUDIENCE, maxAge: 60 })
}

const failingStore = {
  insertIfAbsent: () => {
    throw new Error('the store is down')
  },
}

type Case = {
  readonly what: string
  readonly status: number
  readonly token?: () => Promise<string>
  readonly options?: () => Partial<StepUpOptions<unknown>>
}

const fail = () => {
  throw new Error('the callback failed')
}

const REFUSED: readonly Case[] = [
  { what: 'no proof', status: 401, token: async () => '' },
  { what: 'a proof that is too old', status: 401, token: () => signer.sign({ auth_time: seconds() - 61 }) },
  { what: 'a proof of another user', status: 401, token: () => signer.sign({ sub: 'mallory' }) },
  { what: 'an access token as the proof', status: 401, token: () => signer.sign({}, { typ: 'at+jwt' }) },
  {
    what: 'a proof of another transaction',
    status: 401,
    token: () => signer.sign({ txn: 'b' }),
    options: () => ({ verifier: verifier({ singleUse: memoryStore() }), txn: () => 'a' }),
  },
  { what: 'an unavailable key set', status: 503, options: () => ({ verifier: unreachable() }) },
  {
    what: 'an unavailable store',
    status: 503,
    options: () => ({ verifier: verifier({ singleUse: failingStore }) }),
  },
  { what: 'a subject callback that throws', status: 500, options: () => ({ subject: fail }) },
  { what: 'a txn callback that throws', status: 500, options: () => ({ txn: fail }) },
  { what: 'a transaction without a store', status: 500, options: () => ({ txn: () => 'a' }) },
  {
    what: 'a transaction that is missing by mistake',
    status: 500,
    options: () => ({ verifier: verifier({ singleUse: memoryStore() }), txn: () => '' }),
  },
  { what: 'a subject without a name', status: 500, options: () => ({ subject: () => ({ iss: USER.iss, sub: '' }) }) },
  {
    what: 'a verifier that throws something else',
    status: 500,
    options: () => ({ verifier: { maxAge: 60, verify: fail } }),
  },
]

describe.each(FRAMEWORKS)('requireStepUp for $framework', ({ start }) => {
  async function startWith(options: Partial<StepUpOptions<unknown>> = {}) {
    const app = await start({ verifier: verifier(), subject: () => USER, ...options })
    onTestFinished(app.end)
    return app
  }

  it.each(REFUSED)('answers $status to $what', async ({ status, token, options }) => {
    const app = await startWith(options?.())
    const response = await app.send({ 'Step-Up-Token': await (token?.() ?? signer.sign()) })
    expect(response.status).toBe(status)
    if (status === 401) expect(response.headers.get('WWW-Authenticate')).toMatch(STEP_UP)
    if (status === 503) expect(response.headers.get('Retry-After')).toBe('5')
    if (status !== 500)
      expect(await response.json()).toEqual({ error: expect.any(String), error_description: expect.any(String) })
    expect(app.reached).toEqual([])
  })

  it('answers 401 without a challenge for a code to a request without an access token', async () => {
    const app = await startWith({ subject: () => undefined })
    const response = await app.send({ 'Step-Up-Token': await signer.sign() })
    expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer'])
    expect(app.reached).toEqual([])
  })

  it('hands the claims to the route', async () => {
    const app = await startWith()
    expect((await app.send({ 'Step-Up-Token': await signer.sign({ jti: 'a' }) })).status).toBe(200)
    expect(app.reached).toEqual([expect.objectContaining({ sub: 'alice', jti: 'a' })])
  })

  it('takes the age of the route in place of that of the verifier', async () => {
    const app = await startWith({ maxAge: 10 })
    const response = await app.send({ 'Step-Up-Token': await signer.sign({ auth_time: seconds() - 11 }) })
    expect([response.status, response.headers.get('WWW-Authenticate')]).toEqual([
      401,
      expect.stringContaining('max_age="10"'),
    ])
  })

  it('lets an approval through once', async () => {
    const app = await startWith({ verifier: verifier({ singleUse: memoryStore() }), txn: () => 'payment-1' })
    const headers = { 'Step-Up-Token': await signer.sign({ txn: 'payment-1' }) }
    expect((await app.send(headers)).status).toBe(200)
    expect((await app.send(headers)).status).toBe(401)
    expect(app.reached).toHaveLength(1)
  })
})
