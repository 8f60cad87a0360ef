import type { Context } from 'hono'
import { jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paymentsApi } from '../../docs/examples/payment.ts'
import { createStepUpVerifier, memoryStore } from '../../packages/verify/src/verify.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'
import { call, type Enrolled, enroll } from '../support/node/enroll.ts'

/* The approval of payments, with step-up tokens that the service issues for a txn. */

const START_TIMEOUT_MS = 120_000

type Prepared = { readonly id: string; readonly txn: string }

let service: LocalService
let api: ReturnType<typeof paymentsApi>

beforeAll(async () => {
  service = await startLocalService()
  const audience = service.settings['STEP_UP_AUDIENCE'] ?? ''
  const verifier = createStepUpVerifier({ serviceUrl: service.url, audience, maxAge: 300, singleUse: memoryStore() })
  api = paymentsApi({ subject, verifier })
}, START_TIMEOUT_MS)

afterAll(async () => {
  await service.end()
})

/** The access tokens of the local service are HMACs. */
async function subject(c: Context) {
  const { AUTH_HS256_SECRET = '', AUTH_ISSUER: iss = '', AUTH_AUDIENCE = '' } = service.settings
  const token = c.req.header('Authorization')?.replace('Bearer ', '') ?? ''
  const options = { issuer: iss, audience: AUTH_AUDIENCE }
  const verified = await jwtVerify(token, Buffer.from(AUTH_HS256_SECRET, 'base64url'), options).catch(() => undefined)
  return verified && { iss, sub: verified.payload.sub ?? '' }
}

async function prepare({ token }: Enrolled, payment: object): Promise<Prepared> {
  const headers = { Authorization: `Bearer ${token}` }
  const response = await api.request('/payments', { method: 'POST', headers, body: JSON.stringify(payment) })
  return (await response.json()) as Prepared
}

async function change({ token }: Enrolled, id: string): Promise<number> {
  const body = JSON.stringify({ to: 'mallory', amount: 5 })
  const headers = { Authorization: `Bearer ${token}` }
  return (await api.request(`/payments/${id}`, { method: 'PUT', headers, body })).status
}

/** A step-up token of the service, for this transaction or for none. */
async function approve({ token, backupCodes }: Enrolled, { txn, code = 0 }: { txn?: string; code?: number }) {
  const body = { backup_code: backupCodes[code], ...(txn !== undefined && { txn }) }
  const answer = await call(service.url, { path: '/challenge', token, body })
  return String(answer.body['token'])
}

async function send({ token }: Enrolled, path: string, proof: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, 'Step-Up-Token': proof }
  return (await api.request(path, { method: 'POST', headers })).status
}

describe('the approval of a payment', () => {
  it('opens that payment once, and no other payment or route', async () => {
    const alice = await enroll(service, 'alice')
    const rent = await prepare(alice, { to: 'landlord', amount: 900 })
    const sameAgain = await prepare(alice, { to: 'landlord', amount: 900 })
    const proof = await approve(alice, { txn: rent.txn })
    expect(await send(alice, `/payments/${sameAgain.id}/approval`, proof)).toBe(401)
    expect(await send(alice, '/payments/unknown/approval', proof)).toBe(401)
    expect(await send(alice, '/payees', proof)).toBe(401)
    const path = `/payments/${rent.id}/approval`
    const uses = await Promise.all(Array.from({ length: 5 }, () => send(alice, path, proof)))
    expect(uses.toSorted()).toEqual([200, 401, 401, 401, 401])
    expect(await send(alice, path, proof)).toBe(401)
  })

  it('is not given by a proof without a transaction, nor by the access token', async () => {
    const bob = await enroll(service, 'bob')
    const { id } = await prepare(bob, { to: 'shop', amount: 20 })
    const proof = await approve(bob, {})
    for (const instead of ['', bob.token, proof]) expect(await send(bob, `/payments/${id}/approval`, instead)).toBe(401)
    expect(await send(bob, '/payees', proof)).toBe(200)
  })

  it('ends when the payment is changed', async () => {
    const carol = await enroll(service, 'carol')
    const { id, txn } = await prepare(carol, { to: 'shop', amount: 5 })
    const proof = await approve(carol, { txn })
    expect(await change(carol, id)).toBe(200)
    expect(await send(carol, `/payments/${id}/approval`, proof)).toBe(401)
  })

  it('is not given by another user', async () => {
    const [dave, mallory] = [await enroll(service, 'dave'), await enroll(service, 'mallory')]
    const { id, txn } = await prepare(dave, { to: 'shop', amount: 30 })
    const path = `/payments/${id}/approval`
    const foreign = await approve(mallory, { txn })
    expect(await send(dave, path, foreign)).toBe(401)
    expect(await send(mallory, path, foreign)).toBe(404)
    expect(await change(mallory, id)).toBe(404)
    expect(await send(dave, path, await approve(dave, { txn }))).toBe(200)
    expect(await send(dave, path, await approve(dave, { txn, code: 1 }))).toBe(401)
  })
})
