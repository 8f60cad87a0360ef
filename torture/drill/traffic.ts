import { waitUntil } from '../../scripts/lib/process.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { phoneOf } from '../../test/support/phone.ts'
import { type Member, newSub } from './client.ts'
import type { Fleet } from './fleet.ts'
import { type RetryingClient, retryingClient, WrongAnswer } from './retry.ts'

const MORE_TIMEOUT_MS = 120_000
/** Clients that meet nothing but wrong answers need not meet a million of them. */
const MOST_WRONG = 100
/** Of the ten backup codes of a member. */
const MOST_REDEEMED = 8

/** Something that the service acknowledged, and when it was asked and answered, in milliseconds. */
export type Fact = {
  readonly sub: string
  readonly event: 'mfa.enabled' | 'challenge.passed'
  readonly sentAt: number
  readonly answeredAt: number
}

/** Clients that enroll, pass challenges and redeem backup codes, one life after another, until they are ended. */
export type Traffic = {
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

type Options = {
  readonly clients: number
  readonly sign?: (sub: string) => Promise<string>
  /** Gets each step-up token; the client waits for it. */
  readonly onStepUp?: (token: string) => Promise<void>
}

/** Starts clients. */
export function startTraffic(service: Pick<Fleet, 'send' | 'settings'>, options: Options): Traffic {
  const client = retryingClient(service)
  const { wrong, counts } = client
  const facts: Fact[] = []
  const sign = options.sign ?? ((sub) => signAccessToken(service.settings(), { sub, expiresInSeconds: 600 }))
  const onStepUp = options.onStepUp ?? (async () => undefined)
  const { enroll, challenge, redeem, look } = actions(client, { facts, sign, onStepUp })
  /** Who may come back, and how often everybody was forgotten: as a whole, and as each client knows it. */
  let known: Member[] = []
  let era = 0
  const eras = Array.from({ length: options.clients }, () => 0)
  let lives = 0
  let isOver = false

  async function live(since: number): Promise<void> {
    const member = await enroll()
    await challenge(member, { code: member.code(1) })
    await redeem(member)
    await look(member)
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
      await live(era).catch((error: Error) => {
        if (!(error instanceof WrongAnswer)) wrong.push(`${error.name}: ${error.message}`)
      })
      lives += 1
    }
  }

  async function wait(isReached: () => boolean): Promise<void> {
    if (await waitUntil(async () => isReached(), { timeoutMs: MORE_TIMEOUT_MS })) return
    throw new Error(`the clients do not get on: ${wrong.slice(0, 5).join('\n')}`)
  }

  const running = eras.map((_, client) => run(client))
  return {
    facts,
    wrong,
    figures: () => ({ ...counts, enrolled: facts.filter(({ event }) => event === 'mfa.enabled').length }),
    async more(count) {
      const until = lives + count
      await wait(() => lives >= until)
    },
    async forget() {
      known = []
      era += 1
      await wait(() => eras.every((each) => each === era))
    },
    async end() {
      isOver = true
      await Promise.all(running)
    },
  }
}

/** What a client does, each thing as it should be answered. */
function actions(
  { expectStatus, wrong }: RetryingClient,
  { facts, sign, onStepUp }: Required<Omit<Options, 'clients'>> & { readonly facts: Fact[] },
) {
  async function enroll(): Promise<Member> {
    const sub = newSub()
    const token = await sign(sub)
    const setup = await expectStatus(200, { path: '/setup', token, body: {} })
    const code = phoneOf(String(setup.body['secret']))
    const { body, sentAt, answeredAt } = await expectStatus(200, { path: '/verify', token, body: { code: code(0) } })
    facts.push({ sub, event: 'mfa.enabled', sentAt, answeredAt })
    const backupCodes = body['backup_codes'] as readonly string[]
    if (backupCodes.length !== 10) wrong.push(`/verify: ${backupCodes.length} backup codes`)
    return { sub, token, code, backupCodes, used: [] }
  }

  /** Passes a challenge, and is refused with the same proof again. */
  async function challenge({ sub, token }: Member, body: { code: string } | { backup_code: string }): Promise<void> {
    const { sentAt, answeredAt, body: answer } = await expectStatus(200, { path: '/challenge', token, body })
    facts.push({ sub, event: 'challenge.passed', sentAt, answeredAt })
    if (answer['token'] !== undefined) await onStepUp(String(answer['token']))
    await expectStatus(400, { path: '/challenge', token, body })
  }

  async function redeem(member: Member): Promise<void> {
    const code = member.backupCodes[member.used.length]
    if (code === undefined) return
    member.used.push(code)
    await challenge(member, { backup_code: code })
  }

  /** Looks at the status of somebody who has redeemed one code. */
  async function look({ token }: Member): Promise<void> {
    const { body } = await expectStatus(200, { path: '', token })
    if (body['enabled'] !== true || Object(body['backup_codes']).remaining !== 9)
      wrong.push(`the status: ${JSON.stringify(body)}`)
  }

  return { enroll, challenge, redeem, look }
}
