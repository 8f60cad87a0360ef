import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../../scripts/lib/process.ts'
import { signAccessToken } from '../../../scripts/lib/token.ts'
import { ask, type Member, newSub, phoneOf, type Sent, type Told } from './drill-client.ts'
import type { Fleet } from './drill-fleet.ts'

const RETRY_MS = 100
const MOST_TRIES = 50
const MORE_TIMEOUT_MS = 60_000
/** A client that meets nothing but wrong answers need not meet a million of them. */
const MOST_WRONG = 100
/** Of the ten backup codes of a member. */
const MOST_REDEEMED = 8

/** Something that the service acknowledged, and when it was asked and answered, in milliseconds. */
export type Fact = {
  readonly sub: string
  readonly event: 'mfa.enabled' | 'challenge.passed'
  readonly backupCode?: string
  readonly sentAt: number
  readonly answeredAt: number
}

/** Clients that enroll, pass challenges and redeem backup codes, one life after another, until they are ended. */
export type Traffic = {
  readonly members: readonly Member[]
  readonly facts: readonly Fact[]
  /** Answers that no client should get; a 503 that says when to come back is none. */
  readonly wrong: readonly string[]
  readonly figures: () => { readonly requests: number; readonly unavailable: number; readonly enrolled: number }
  /** Waits until so many lives more have gone by. */
  readonly more: (lives: number) => Promise<void>
  /** Those who are enrolled by now come back no more; waits until the last of them has left. */
  readonly forget: () => Promise<void>
  readonly end: () => Promise<void>
}

type Answer = Told & {
  readonly sentAt: number
  readonly answeredAt: number
  /** Whether it was asked more than once, an earlier answer being a 503. */
  readonly again: boolean
}

/** Starts clients. `onStepUp` gets each step-up token, whose client waits for it. */
export function startTraffic(
  service: Pick<Fleet, 'send' | 'settings'>,
  options: {
    readonly clients: number
    readonly sign?: (sub: string) => Promise<string>
    readonly onStepUp?: (token: string) => Promise<void>
  },
): Traffic {
  const members: Member[] = []
  const facts: Fact[] = []
  const wrong: string[] = []
  const counts = { requests: 0, unavailable: 0, lives: 0 }
  /** Who may come back, and how often everybody was forgotten. */
  let known: Member[] = []
  let era = 0
  const eras = Array.from({ length: options.clients }, () => 0)
  let isOver = false
  const sign = options.sign ?? ((sub) => signAccessToken(service.settings(), { sub, expiresInSeconds: 600 }))

  async function insist(sent: Sent): Promise<Answer> {
    const sentAt = performance.now()
    for (let tries = 1; ; tries += 1) {
      counts.requests += 1
      const told = await ask(service, sent)
      if (told.status !== 503 || tries === MOST_TRIES)
        return { ...told, sentAt, answeredAt: performance.now(), again: tries > 1 }
      if (told.retryAfter === null) wrong.push(`${sent.path}: 503 without Retry-After`)
      counts.unavailable += 1
      await sleep(RETRY_MS)
    }
  }

  /** Asks, and notes an answer that is another one. */
  async function expectStatus(status: number, sent: Sent): Promise<Answer> {
    const answer = await insist(sent)
    // A right code whose answer was lost is used up: its second try is told so.
    const wasUsed = answer.again && sent.path === '/challenge' && answer.status === 400
    if (answer.status === status || wasUsed) return answer
    const { type, detail } = answer.body
    wrong.push(`${sent.path}: ${answer.status} in place of ${status}: ${type} ${detail}`)
    throw new Error('wrong answer')
  }

  async function enroll(): Promise<Member> {
    const sub = newSub()
    const token = await sign(sub)
    const setup = await expectStatus(200, { path: '/setup', token, body: {} })
    const code = phoneOf(String(setup.body['secret']))
    const verified = await expectStatus(200, { path: '/verify', token, body: { code: code(0) } })
    facts.push({ sub, event: 'mfa.enabled', sentAt: verified.sentAt, answeredAt: verified.answeredAt })
    const backupCodes = verified.body['backup_codes'] as readonly string[]
    if (backupCodes.length !== 10) wrong.push(`/verify: ${backupCodes.length} backup codes`)
    const member = { sub, token, code, backupCodes, used: [] }
    members.push(member)
    return member
  }

  async function challenge({ sub, token }: Member, body: { code: string } | { backup_code: string }): Promise<void> {
    const { sentAt, answeredAt, body: answer } = await expectStatus(200, { path: '/challenge', token, body })
    const backupCode = 'backup_code' in body ? { backupCode: body.backup_code } : {}
    facts.push({ sub, event: 'challenge.passed', ...backupCode, sentAt, answeredAt })
    if (answer['token'] !== undefined) await options.onStepUp?.(String(answer['token']))
    await expectStatus(400, { path: '/challenge', token, body })
  }

  async function redeem(member: Member): Promise<void> {
    const code = member.backupCodes[member.used.length]
    if (code === undefined) return
    member.used.push(code)
    await challenge(member, { backup_code: code })
  }

  async function live(since: number): Promise<void> {
    const member = await enroll()
    await challenge(member, { code: member.code(1) })
    await redeem(member)
    const status = await expectStatus(200, { path: '', token: member.token })
    const { enabled, backup_codes: codes } = status.body
    if (enabled !== true || Object(codes).remaining !== 9) wrong.push(`the status: ${JSON.stringify(status.body)}`)
    const [earlier, ...rest] = known
    known = rest
    if (earlier) await redeem(earlier)
    if (since !== era) return
    if (earlier && earlier.used.length < MOST_REDEEMED) known.push(earlier)
    known.push(member)
  }

  async function run(client: number): Promise<void> {
    while (!isOver && wrong.length < MOST_WRONG) {
      eras[client] = era
      await live(era).catch((error: Error) => wrong.push(`${error.name}: ${error.message}`))
      counts.lives += 1
    }
  }

  const running = eras.map((_, client) => run(client))
  return {
    members,
    facts,
    wrong,
    figures: () => ({ requests: counts.requests, unavailable: counts.unavailable, enrolled: members.length }),
    async more(lives) {
      const until = counts.lives + lives
      if (await waitUntil(async () => counts.lives >= until, { timeoutMs: MORE_TIMEOUT_MS })) return
      throw new Error(`the clients do not get on: ${wrong.slice(0, 5).join('\n')}`)
    },
    async forget() {
      known = []
      era += 1
      if (await waitUntil(async () => eras.every((each) => each === era), { timeoutMs: MORE_TIMEOUT_MS })) return
      throw new Error('the clients do not come to an end')
    },
    async end() {
      isOver = true
      await Promise.all(running)
    },
  }
}
