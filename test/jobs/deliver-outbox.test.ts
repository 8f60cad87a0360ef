import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useOwnDatabase } from '../support/backend.ts'
import { enroll } from '../support/life.ts'
import { playReceiver, RECEIVER, type Received, resumeDeliveries, WEBHOOK_SECRETS } from '../support/receiver.ts'
import { query } from '../support/rows.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const MANY = 10_000
const BOUND = 200
await useOwnDatabase()
const service = startService({ WEBHOOK_URL: RECEIVER, WEBHOOK_SECRET: WEBHOOK_SECRETS.join(',') })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})
afterEach(async () => {
  // Leaves an empty outbox behind: the database is shared.
  playReceiver(() => new Response())
  await resumeDeliveries()
  vi.setSystemTime(Date.now() + DAY_MS)
  for (let run = 0; run < 5; run += 1) await service.tick()
  vi.useRealTimers()
})

/** The webhooks about one subject. */
function about(sub: string, received: readonly Received[]): readonly Received[] {
  return received.filter(({ body }) => body.data['sub'] === sub)
}

describe('webhooks', () => {
  it('come right after the answer, signed under both secrets (Standard Webhooks)', async () => {
    const receiver = playReceiver(() => new Response())
    const { sub, token } = await newUser()
    await enroll(service, token)
    await service.settled()
    const [hook] = about(sub, receiver.received)
    expect(hook?.body).toEqual({
      type: 'mfa.enabled',
      timestamp: expect.any(String),
      data: {
        event_id: hook?.headers['webhook-id'],
        sequence: 1,
        iss: 'https://issuer.example',
        sub,
        authenticator_id: expect.any(String),
      },
    })
    vi.useRealTimers()
    for (const secret of WEBHOOK_SECRETS) {
      expect(new Webhook(secret).verify(hook?.text ?? '', hook?.headers ?? {})).toEqual(hook?.body)
    }
  })

  it('are tried again with the same id until the receiver takes them', async () => {
    const receiver = playReceiver(() => new Response('no', { status: 500 }))
    const { sub, token } = await newUser()
    await enroll(service, token)
    await service.settled()
    await service.tick()
    expect(about(sub, receiver.received)).toHaveLength(1)
    receiver.answer = () => new Response()
    vi.setSystemTime(Date.now() + MINUTE_MS)
    await service.tick()
    await service.tick()
    const [first, second, ...more] = about(sub, receiver.received)
    expect(more).toEqual([])
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(second?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp'])
  })

  it('wait as long as the receiver asks', async () => {
    const receiver = playReceiver(() => new Response('', { status: 503, headers: { 'Retry-After': '600' } }))
    const { sub, token } = await newUser()
    await enroll(service, token)
    await service.settled()
    vi.setSystemTime(Date.now() + 599_000)
    await service.tick()
    expect(about(sub, receiver.received)).toHaveLength(1)
    vi.setSystemTime(Date.now() + 2_000)
    await service.tick()
    expect(about(sub, receiver.received)).toHaveLength(2)
  })

  it('are held up by no event that the receiver refuses', async () => {
    const poisonous = await newUser()
    const receiver = playReceiver(
      ({ body }) => new Response(null, { status: body.data['sub'] === poisonous.sub ? 400 : 204 }),
    )
    await enroll(service, poisonous.token)
    const { sub, token } = await newUser()
    await enroll(service, token)
    await service.settled()
    expect(about(sub, receiver.received)).toHaveLength(1)
  })

  it('stop when the receiver says that it is gone, and none is lost', async () => {
    const receiver = playReceiver(() => new Response('', { status: 410 }))
    const first = await newUser()
    await enroll(service, first.token)
    await service.settled()
    const second = await newUser()
    await enroll(service, second.token)
    await service.settled()
    expect(about(second.sub, receiver.received)).toEqual([])
    receiver.answer = () => new Response()
    await resumeDeliveries()
    vi.setSystemTime(Date.now() + MINUTE_MS)
    await service.tick()
    expect(about(first.sub, receiver.received)).toHaveLength(2)
    expect(about(second.sub, receiver.received)).toHaveLength(1)
  })

  it('are delivered once by two schedulers at once', async () => {
    const receiver = playReceiver(() => new Response('', { status: 500 }))
    const users = await Promise.all(Array.from({ length: 5 }, () => newUser()))
    for (const { token } of users) await enroll(service, token)
    await service.settled()
    receiver.answer = () => new Response()
    receiver.received.length = 0
    vi.setSystemTime(Date.now() + MINUTE_MS)
    await Promise.all([service.tick(), service.tick()])
    for (const { sub } of users) expect(about(sub, receiver.received)).toHaveLength(1)
  })

  it('follow no redirect', async () => {
    const receiver = playReceiver(() => Response.redirect(`${RECEIVER}/elsewhere`, 307))
    const { sub, token } = await newUser()
    await enroll(service, token)
    await service.settled()
    expect(about(sub, receiver.received)).toHaveLength(1)
  })

  it('keep their event beyond the retention time while they wait', async () => {
    const brief = startService({
      WEBHOOK_URL: RECEIVER,
      WEBHOOK_SECRET: WEBHOOK_SECRETS[0],
      EVENT_RETENTION_DAYS: '1',
    })
    const receiver = playReceiver(() => new Response(null, { status: 500 }))
    const { sub, token } = await newUser()
    await enroll(brief, token)
    await brief.settled()
    vi.setSystemTime(Date.now() + 2 * DAY_MS)
    await brief.tick()
    receiver.answer = () => new Response()
    receiver.received.length = 0
    vi.setSystemTime(Date.now() + DAY_MS)
    await brief.tick()
    await brief.tick()
    expect(about(sub, receiver.received)).toHaveLength(1)
  })

  it('are not queued where nobody receives them', async () => {
    const silent = startService()
    const receiver = playReceiver(() => new Response())
    const { sub, token } = await newUser()
    await enroll(silent, token)
    await silent.settled()
    await service.tick()
    expect(about(sub, receiver.received)).toEqual([])
  })

  it('never turn a committed success into an error', async () => {
    playReceiver(() => {
      throw new TypeError('refused')
    })
    const { token } = await newUser()
    const { backupCodes } = await enroll(service, token)
    expect(backupCodes).toHaveLength(10)
    expect((await service.call(`GET ${PROFILE}`, { token })).body['enabled']).toBe(true)
  })

  it('are drained by repeated ticks, ten thousand of them, each once', async () => {
    const receiver = playReceiver(() => new Response())
    const { sub, token } = await newUser()
    await enroll(service, token)
    await service.settled()
    await queueMany(sub)
    for (let run = 0; receiver.received.length <= MANY && run < BOUND; run += 1) await service.tick()
    const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids).size).toBe(MANY + 1)
    expect(ids).toHaveLength(MANY + 1)
  })
})

/** As many events of one subject as ten thousand logins make, all queued. */
async function queueMany(sub: string): Promise<void> {
  const [row] = await query('SELECT id FROM subject WHERE sub = ?', sub)
  const id = Number(row?.['id'])
  const numbers = 'WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)'
  await query(
    `${numbers} INSERT INTO event (subject_id, sequence, id, type, at, request_id)
     SELECT ?, i, 'event-' || ? || '-' || i, 'challenge.passed', ?, 'test' FROM n`,
    MANY,
    id,
    id,
    Date.now(),
  )
  await query(
    `INSERT INTO outbox (event_id, subject_id, sequence, created_at, next_at)
     SELECT id, subject_id, sequence, ?, 0 FROM event WHERE subject_id = ? AND sequence > 1`,
    Date.now(),
    id,
  )
}
