import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { outboxStore } from '../../operator/store/outbox.ts'
import { openDatabase } from '../../src/store/client.ts'
import { backend, useOwnDatabase } from '../support/backend.ts'
import { enroll } from '../support/life.ts'
import { playReceiver, RECEIVER, type Received, WEBHOOK_SECRETS } from '../support/receiver.ts'
import { query } from '../support/rows.ts'
import { newUser, startService } from '../support/service.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const EVENTS = 60
/** A backlog that takes three ticks of the cron. */
const BACKLOG = 1_700
const MOST_OF_TICK = 780
/** Each failure waits three times as long as the one before, from 10 s to 6 h, and half of it at least. */
const WAITS_MS = [10, 30, 90, 270, 810, 2_430, 7_290, 21_600].map((seconds) => seconds * SECOND_MS)
const LONGEST_WAIT_MS = 6 * HOUR_MS
const AT_MOST_TRIES = 14
/** How often the cron runs while little is due; in truth every minute. */
const RARELY_MS = 30 * MINUTE_MS
const TIMEOUT_MS = 120_000

await useOwnDatabase()
const service = startService({ WEBHOOK_URL: RECEIVER, WEBHOOK_SECRET: WEBHOOK_SECRETS[0] })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The ways in which a receiver is down. */
const DOWN = [
  () => new Response('', { status: 502 }),
  () => new Response('', { status: 503, headers: { 'Retry-After': '5' } }),
  () => {
    throw new TypeError('refused')
  },
]

/** Lets the cron run on, every so often, for so long. */
async function runFor(ms: number, everyMs: number): Promise<void> {
  for (const endsAt = Date.now() + ms; Date.now() < endsAt; ) {
    vi.setSystemTime(Date.now() + everyMs)
    await service.tick()
  }
}

async function join(): Promise<void> {
  const { token } = await newUser()
  await enroll(service, token)
  await service.settled()
}

async function waiting(): Promise<number> {
  return Number((await query('SELECT count(*) AS n FROM outbox'))[0]?.['n'])
}

function operator() {
  const deadlineAt = Date.now() + HOUR_MS
  return outboxStore(openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt }))
}

/** Many events of one subject, queued as a failure or none has left them. */
async function queueMany(count: number, options: { sub: string; attempts: number; nextAt: number }): Promise<void> {
  const { sub, attempts, nextAt } = options
  const now = Date.now()
  await query("INSERT INTO subject (issuer, sub, created_at) VALUES ('https://issuer.example', ?, ?)", sub, now)
  await query(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO event (subject_id, sequence, id, type, at, request_id)
     SELECT subject.id, i, sub || '-' || i, 'challenge.passed', ?, 'test' FROM n, subject WHERE sub = ?`,
    count,
    now,
    sub,
  )
  await query(
    `INSERT INTO outbox (event_id, subject_id, sequence, created_at, attempts, next_at)
     SELECT event.id, subject_id, sequence, ?, ?, ? FROM event JOIN subject ON subject.id = subject_id WHERE sub = ?`,
    now,
    attempts,
    nextAt,
    sub,
  )
}

/** When each event was tried, by its id. */
function triesOf(received: readonly Received[], times: readonly number[]) {
  const tries = new Map<string, number[]>()
  for (const [index, { headers }] of received.entries()) {
    const id = headers['webhook-id'] ?? ''
    tries.set(id, [...(tries.get(id) ?? []), times[index] ?? 0])
  }
  return tries
}

describe('the drill of a receiver that is down for a day', () => {
  it('is asked less and less often, holds up no user, and gets every event once it is back', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const times: number[] = []
    const receiver = playReceiver(() => {
      times.push(Date.now())
      return DOWN[times.length % DOWN.length]?.() ?? new Response()
    })
    await queueMany(EVENTS, { sub: 'busy', attempts: 0, nextAt: Date.now() })
    await runFor(10 * MINUTE_MS, MINUTE_MS)
    for (let quarter = 0; quarter < 4; quarter += 1) {
      await join()
      await runFor(LONGEST_WAIT_MS, RARELY_MS)
    }
    const queued = EVENTS + 4
    expect(await waiting()).toBe(queued)
    const tries = triesOf(receiver.received, times)
    expect(tries.size).toBe(queued)
    for (const [id, moments] of tries) {
      expect(moments.length).toBeLessThanOrEqual(AT_MOST_TRIES)
      const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0))
      for (const [index, gap] of gaps.entries()) {
        const fullMs = WAITS_MS[index] ?? LONGEST_WAIT_MS
        expect(gap, id).toBeGreaterThanOrEqual(fullMs / 2)
        expect(gap, id).toBeLessThanOrEqual(fullMs + RARELY_MS)
      }
    }

    receiver.received.length = 0
    receiver.answer = () => new Response()
    await join()
    await runFor(LONGEST_WAIT_MS, RARELY_MS)
    const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids).size).toBe(queued + 1)
    expect(ids).toHaveLength(queued + 1)
    expect(await waiting()).toBe(0)
  })
  it('gets what a day has left at once when the operator says so, as much as a tick carries', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const receiver = playReceiver(() => new Response())
    await queueMany(BACKLOG, { sub: 'busier', attempts: 9, nextAt: Date.now() + LONGEST_WAIT_MS })
    await service.tick()
    expect(receiver.received).toHaveLength(0)
    expect(await operator().retryDeliveries({ now: Date.now(), eventId: undefined })).toBe(true)
    const carried = []
    while (carried.length < 5 && (await waiting()) > 0) {
      receiver.received.length = 0
      await service.tick()
      carried.push(receiver.received.length)
    }
    expect(carried).toEqual([MOST_OF_TICK, MOST_OF_TICK, BACKLOG - 2 * MOST_OF_TICK])
  })
})
