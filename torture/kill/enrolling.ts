import { type Account, presentStep, stepProof } from './account.ts'
import { ask, type Crowd, requestWithRetry } from './asking.ts'
import { isAcknowledged, isUnknown, secretOf } from './history.ts'

const TRIES = 6

/** Turns MFA on by the code of the step before, so that the phone has two more at once. */
export async function enroll(crowd: Crowd, account: Account): Promise<void> {
  if (account.isEnrolling || account.isLost) return
  account.isEnrolling = true
  for (let tries = 0; tries < TRIES && !account.isLost && account.phones.length === 0; tries += 1) {
    const secret = secretOf(await ask(crowd, account, { operation: 'setup' }))
    if (secret !== undefined) await verify(crowd, account, secret)
  }
  account.isEnrolling = false
}

/** Sends the code of a secret just handed out, often as two copies, and again while nobody answers. */
export async function verify(crowd: Crowd, account: Account, secret: string): Promise<void> {
  const step = presentStep() - 1
  const copies = Math.random() < 0.3 ? 2 : 1
  const asked = { operation: 'verify' as const, sent: stepProof(secret, step) }
  const entries = await Promise.all(Array.from({ length: copies }, () => requestWithRetry(crowd, account, asked)))
  if (entries.some((entry) => isAcknowledged(entry) || isUnknown(entry)))
    account.phones.push({ secret, lastStep: step })
}
