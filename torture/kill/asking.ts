import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../../scripts/lib/settings.ts'
import type { Account, SentProof } from './account.ts'
import { between, pick } from './chance.ts'
import { type Entry, isAcknowledged, isUnknown, type Operation, problemOf, textsOf } from './history.ts'
import { type HangUp, send } from './sending.ts'

/** Who asks, and what was asked so far. */
export type Crowd = {
  readonly url: string
  readonly settings: Settings
  readonly history: Entry[]
  readonly accounts: Account[]
  /** No new life begins, and nobody hangs up any more. */
  isOver: boolean
}

/** What is asked for an account. */
export type Question = {
  readonly operation: Operation
  readonly sent?: SentProof | undefined
  readonly target?: string
}

const TRIES = 8
/** How long a client waits that heard nothing, or that the service is not there. */
const PAUSE_MS = { unheard: 40, outage: 250 }

/** Asks once; whoever gets no answer takes a breath. */
export async function ask(crowd: Crowd, account: Account, asked: Question): Promise<Entry> {
  const { sent, ...rest } = asked
  const { url, history } = crowd
  const { sub, token } = account
  const hangUp = crowd.isOver ? undefined : anyHangUp()
  const entry = await send({ url, sub, token, hangUp, ...rest, proof: sent?.proof, body: sent?.body ?? {} })
  history.push(entry)
  learn(account, entry)
  const longest = entry.outcome.kind === 'unanswered' ? PAUSE_MS.unheard : PAUSE_MS.outage
  if (!isAnswered(entry)) await sleep(between(0, longest))
  return entry
}

/** Asks the same until it is answered, a few times at most. */
export async function requestWithRetry(crowd: Crowd, account: Account, asked: Question): Promise<Entry> {
  for (let tries = 1; ; tries += 1) {
    const entry = await ask(crowd, account, asked)
    if (isAnswered(entry) || tries >= TRIES) return entry
  }
}

/** Whether the client knows what became of it. */
export function isAnswered(entry: Entry): boolean {
  return entry.outcome.kind === 'answered' && !isUnknown(entry)
}

function learn(account: Account, entry: Entry): void {
  const { proof, operation } = entry
  const isSpent = isAcknowledged(entry) || problemOf(entry) === 'invalid-code'
  if (proof?.kind === 'backup' && isSpent) account.codes = account.codes.filter((code) => code !== proof.code)
  if (isAcknowledged(entry) && operation === 'disable') forget(account)
  if (problemOf(entry) === 'mfa-not-enabled') forget(account)
  if (problemOf(entry) === 'proof-required' && account.phones.length === 0) account.isLost = true
  const given = textsOf(entry, 'backup_codes').filter((code) => !account.allCodes.includes(code))
  if (given.length === 0) return
  account.codes = [...given]
  account.allCodes.push(...given)
}

function forget(account: Account): void {
  if (account.isEnrolling) return
  account.phones.length = 0
  account.codes = []
}

function anyHangUp(): HangUp {
  return pick<() => HangUp>([
    [90, () => undefined],
    [6, () => ({ how: 'abort', afterMs: between(0, 40) })],
    [4, () => ({ how: 'reset', afterMs: between(0, 10) })],
  ])()
}
