import { type Account, backupProof, freshProof, newAccount } from './account.ts'
import { act } from './actions.ts'
import { ask, type Crowd, requestWithRetry } from './asking.ts'
import { pick } from './chance.ts'
import { enroll } from './enrolling.ts'
import { guess, guessPending } from './guesses.ts'
import type { Entry } from './history.ts'

const CLIENTS = 3

/** Lives of fresh subjects, one after the other, until it is over. */
export async function keepLiving(crowd: Crowd): Promise<void> {
  while (!crowd.isOver) {
    const account = await newAccount(crowd.settings)
    crowd.accounts.push(account)
    const life = pick<(crowd: Crowd, account: Account) => Promise<void>>([
      [6, live],
      [2, guess],
      [1, guessPending],
    ])
    await life(crowd, account)
  }
}

/** Several clients of one subject. */
async function live(crowd: Crowd, account: Account): Promise<void> {
  await enroll(crowd, account)
  await Promise.all(Array.from({ length: CLIENTS }, () => act(crowd, account)))
}

/** Tries every backup code that a subject was ever given, each of them twice, and a fresh code; answers its status before that. */
export async function tryAllCodes(crowd: Crowd, account: Account): Promise<Entry> {
  const status = await requestWithRetry(crowd, account, { operation: 'status' })
  for (const code of [...account.allCodes, ...account.allCodes]) {
    await ask(crowd, account, { operation: 'challenge', sent: backupProof(code) })
  }
  const sent = freshProof(account)
  if (sent) await ask(crowd, account, { operation: 'challenge', sent })
  return status
}
