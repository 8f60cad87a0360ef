import { randomUUID } from 'node:crypto'
import { createClient } from '@libsql/client/http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { membersOf, openWire, type Wire, type WireAnswer } from '../lib/client.ts'
import { builtWorker } from '../lib/run.ts'
import { makePending, makeVeteran, newcomer, type Veteran, withoutMfa, withoutPending } from '../lib/subjects.ts'
import { BACKUP_CODE_GUESSES, type Guesses, PENDING_GUESSES, TOTP_CODES, TOTP_GUESSES, unlike } from './guesses.ts'

/*
 * Whoever holds the first factor learns from no answer why a code was not accepted, or how near it was. Every request
 * names one request id, so that answers which tell nothing are equal to the byte.
 */

const PROFILE = '/api/user/profile/mfa'
const HEADERS = { 'X-Request-Id': randomUUID() }

type Answers = readonly (readonly [string, WireAnswer])[]
type Throttle = { readonly failures: number; readonly retryAt: number | null }
type Sent = { readonly token: string; readonly body: object }

let service: BareService
let wire: Wire

beforeAll(async () => {
  service = await startBareService({ script: builtWorker() })
  wire = openWire(service.url, { sockets: 1, timeoutMs: 10_000 })
})

afterAll(async () => {
  wire.close()
  await service.end()
})

const send = (method: string, path: string, { token, body }: Sent) =>
  wire.send({ method, path, token, body: JSON.stringify(body), headers: HEADERS })
const post = (path: string, sent: Sent) => send('POST', `${PROFILE}${path}`, sent)

/** The answers to each kind of guess; a subject without failures sends it, or one with what is said of its throttle. */
async function answersTo(
  guesses: Guesses<Veteran>,
  options: { readonly from: Veteran; readonly to: string; readonly throttle?: Throttle },
): Promise<Answers> {
  const { from, to, throttle = { failures: 0, retryAt: null } } = options
  const answers: Answers[number][] = []
  for (const [name, guess] of Object.entries(guesses)) {
    await setThrottle(from.sub, throttle)
    answers.push([name, await post(to, { token: from.token, body: guess(from) })])
  }
  return answers
}

/** All that a client sees of an answer, but the date. */
function seen({ status, headers, text }: WireAnswer) {
  return { status, headers: headers.filter(([name]) => name.toLowerCase() !== 'date'), text }
}

function expectEqual(answers: Answers, expected: object): void {
  const first = answers[0]?.[1]
  expect(first && { status: first.status, ...membersOf(first) }).toMatchObject(expected)
  expect(answers.map(([name, answer]) => [name, seen(answer)])).toEqual(
    answers.map(([name]) => [name, first && seen(first)]),
  )
}

async function setThrottle(sub: string, throttle: Throttle): Promise<void> {
  const sql = 'UPDATE subject SET failures = :failures, retry_at = :retryAt WHERE sub = :sub'
  await createClient({ url: service.databaseUrl }).execute({ sql, args: { ...throttle, sub } })
}

describe.each([
  ['challenge', () => '/challenge'],
  ['setup', () => '/setup'],
  ['backup-codes', () => '/backup-codes'],
  ['disable', () => '/disable'],
  ['remove', ({ authenticatorId }: Veteran) => `/authenticators/${authenticatorId}/remove`],
])('what %s answers', (_, pathOf) => {
  let asked: { readonly from: Veteran; readonly to: string }

  beforeEach(async () => {
    const from = await makeVeteran(service)
    asked = { from, to: pathOf(from) }
  })

  it('to a code is the same whatever is wrong with it', async () => {
    const invalid = { status: 400, title: 'Invalid code' }
    expectEqual(await answersTo(TOTP_GUESSES, asked), { ...invalid, attemptsRemaining: 4 })
    expectEqual(await answersTo(BACKUP_CODE_GUESSES, asked), { ...invalid, attemptsRemaining: 5 })
  })

  it('to a code that starts a wait is the same whatever is wrong with it', async () => {
    const answers = await answersTo(TOTP_GUESSES, { ...asked, throttle: { failures: 4, retryAt: null } })
    expectEqual(answers, { status: 400, title: 'Invalid code', attemptsRemaining: 0 })
  })

  it('while TOTP waits or is blocked is the same for a wrong code and a right one', async () => {
    // A wait further away than any is told as the longest one, however long the question takes.
    const waiting = { failures: 5, retryAt: Date.now() + 86_400_000 }
    const waits = { status: 429, title: 'Too many attempts', retryAfter: 3_600 }
    expectEqual(await answersTo(TOTP_CODES, { ...asked, throttle: waiting }), waits)
    const blocked = { failures: 100, retryAt: null }
    expectEqual(await answersTo(TOTP_CODES, { ...asked, throttle: blocked }), { status: 403, title: 'TOTP blocked' })
  })
})

describe('what challenge answers', () => {
  it('without MFA is the same whatever was there before, and whatever is sent', async () => {
    const answers: Answers[number][] = []
    for (const [name, { token }] of Object.entries(await withoutMfa(service))) {
      for (const body of [{ code: '123456' }, { backup_code: '0'.repeat(24) }]) {
        answers.push([name, await post('/challenge', { token, body })])
      }
    }
    expectEqual(answers, { status: 409, title: 'MFA not enabled' })
  })
})

describe('what verify answers', () => {
  it('to a code is the same whatever is wrong with it', async () => {
    const answers: Answers[number][] = []
    for (const [name, guess] of Object.entries(PENDING_GUESSES)) {
      const pending = await makePending(service)
      answers.push([name, await post('/verify', { token: pending.token, body: guess(pending) })])
    }
    expectEqual(answers, { status: 400, title: 'Invalid code', attemptsRemaining: 9 })
  })

  it('to a code that tells how wrong a clock is differs by the hint alone', async () => {
    const [ahead, lost] = [await makePending(service), await makePending(service)]
    const hinted = await post('/verify', { token: ahead.token, body: { code: ahead.code(10) } })
    const plain = await post('/verify', { token: lost.token, body: { code: unlike(lost.code) } })
    const { clockSkewSeconds, ...rest } = membersOf(hinted)
    expect(clockSkewSeconds).toBeGreaterThan(0)
    expect(rest).toEqual(membersOf(plain))
  })

  it('without a pending secret is the same whatever was there before', async () => {
    const answers: Answers[number][] = []
    for (const [name, token] of Object.entries(await withoutPending(service))) {
      answers.push([name, await post('/verify', { token, body: { code: '123456' } })])
    }
    expectEqual(answers, { status: 400, title: 'No pending enrollment' })
  })
})

describe('what is answered about others', () => {
  it('tells an authenticator of somebody else from none by nothing', async () => {
    const [mine, theirs] = [await makeVeteran(service), await makeVeteran(service)]
    const answers: Answers[number][] = []
    for (const [name, id] of Object.entries({ foreign: theirs.authenticatorId, unknown: randomUUID(), odd: 'x' })) {
      const path = `/authenticators/${id}`
      const { token, backupCode } = mine
      answers.push([name, await post(`${path}/remove`, { token, body: { backup_code: backupCode } })])
      answers.push([name, await post(`${path}/remove`, { token, body: { code: unlike(mine.code) } })])
      answers.push([name, await send('PATCH', `${PROFILE}${path}`, { token, body: { name: 'Phone' } })])
    }
    expectEqual(answers, { status: 404, title: 'Not found' })
  })

  it.each(['reset', 'unlock'])('tells whoever asks for %s nothing about who was ever there', async (act) => {
    const { token } = await newcomer(service, 'mfa:admin')
    const answers: Answers[number][] = []
    for (const [name, { sub }] of Object.entries(await withoutMfa(service))) {
      const path = `/api/admin/users/${sub}/mfa/${act}`
      const sent = { token, body: { reason: 'A test' } }
      // A pending secret that still takes codes is reset like a factor; nothing of it shows afterwards.
      if (act === 'reset' && name === 'pending') expect((await send('POST', path, sent)).status).toBe(200)
      answers.push([name, await send('POST', path, sent)])
    }
    expectEqual(answers, { status: 409, title: 'MFA not enabled' })
  })
})
