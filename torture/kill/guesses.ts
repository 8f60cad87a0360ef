import { type Account, anyBackupProof, wrongProof } from './account.ts'
import { ask, type Crowd, isAnswered, requestWithRetry } from './asking.ts'
import { enroll } from './enrolling.ts'
import { isAcknowledged, problemOf, secretOf } from './history.ts'

const CLIENTS = 3
const GUESSES = 3

/** Several clients at once guess codes until they must wait; often the owner clears that, and they begin again. */
export async function guess(crowd: Crowd, account: Account): Promise<void> {
  await enroll(crowd, account)
  await guessTogether(crowd, account)
  if (Math.random() < 0.5) return
  const sent = anyBackupProof(account)
  if (sent && isAnswered(await requestWithRetry(crowd, account, { operation: 'challenge', sent }))) {
    await guessTogether(crowd, account)
  }
}

async function guessTogether(crowd: Crowd, account: Account): Promise<void> {
  const [phone] = account.phones
  if (phone) await together(() => guessOnce(crowd, { account, secret: phone.secret, operation: 'challenge' }))
}

/** The same with a secret that waits for its first code. */
export async function guessPending(crowd: Crowd, account: Account): Promise<void> {
  const setup = await ask(crowd, account, { operation: 'setup' })
  const secret = secretOf(setup)
  if (isAcknowledged(setup) && secret) await together(() => guessOnce(crowd, { account, secret, operation: 'verify' }))
}

/** Whether another guess may be made. */
async function guessOnce(
  crowd: Crowd,
  guessed: { account: Account; secret: string; operation: 'challenge' | 'verify' },
): Promise<boolean> {
  const { account, secret, operation } = guessed
  return problemOf(await ask(crowd, account, { operation, sent: wrongProof(secret) })) !== 'too-many-attempts'
}

async function together(guessOne: () => Promise<boolean>): Promise<void> {
  const guessMany = async () => {
    for (let guesses = 0; guesses < GUESSES; guesses += 1) if (!(await guessOne())) return
  }
  await Promise.all(Array.from({ length: CLIENTS }, guessMany))
}
