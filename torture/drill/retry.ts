import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type Sent, type Told } from './client.ts'
import type { Fleet } from './fleet.ts'

const RETRY_MS = 100
const MOST_TRIES = 50

/** An answer, and when it was asked for and came, in milliseconds. */
export type Answer = Told & {
  readonly sentAt: number
  readonly answeredAt: number
  /** Whether it was asked more than once, an earlier answer being a 503. */
  readonly again: boolean
}

/** Clients that come back when they are told to, and note what they should never be told. */
export type RetryingClient = {
  /** Answers that no client should get; a 503 that says when to come back is none. */
  readonly wrong: string[]
  readonly counts: { requests: number; unavailable: number }
  /** Asks; an answer of another status is noted and thrown. */
  readonly expectStatus: (status: number, sent: Sent) => Promise<Answer>
}

/** Makes them. */
export function retryingClient(service: Pick<Fleet, 'send'>): RetryingClient {
  const wrong: string[] = []
  const counts = { requests: 0, unavailable: 0 }

  async function requestWithRetry(sent: Sent): Promise<Answer> {
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

  async function expectStatus(status: number, sent: Sent): Promise<Answer> {
    const answer = await requestWithRetry(sent)
    // A right code whose answer was lost is used up: its second try is told so.
    const wasUsed = answer.again && sent.path === '/challenge' && answer.status === 400
    if (answer.status === status || wasUsed) return answer
    const { type, detail } = answer.body
    const told = `${sent.path}: ${answer.status} in place of ${status}: ${type} ${detail}`
    wrong.push(told)
    throw new WrongAnswer(told)
  }

  return { wrong, counts, expectStatus }
}

/** An answer that has been noted already. */
export class WrongAnswer extends Error {}
