import { type Account, anyBackupProof, backupProof, freshProof, type SentProof, wrongProof } from './account.ts'
import { ask, type Crowd, type Question, requestWithRetry } from './asking.ts'
import { pick } from './chance.ts'
import { enroll, verify } from './enrolling.ts'
import { secretOf } from './history.ts'

type Action = (crowd: Crowd, account: Account) => Promise<void>

/** What one client of a subject does at most. */
const MOST_ACTIONS = 12

/** One client does random things, and turns MFA on again where it is off. */
export async function act(crowd: Crowd, account: Account): Promise<void> {
  for (let count = 0; count < MOST_ACTIONS && !crowd.isOver && !account.isLost; count += 1) {
    const action = pick<Action>([
      [6, challengeByBackupCode],
      [4, challengeByCode],
      [1, tryNonsense],
      [1, lookAtStatus],
      [1, regenerate],
      [2, addPhone],
      [2, removePhone],
      [1, disable],
    ])
    await action(crowd, account)
    if (account.phones.length === 0) await enroll(crowd, account)
  }
}

async function challengeByBackupCode(crowd: Crowd, account: Account): Promise<void> {
  const sent = anyBackupProof(account)
  if (sent) await oftenTwice(crowd, account, { operation: 'challenge', sent })
}

async function challengeByCode(crowd: Crowd, account: Account): Promise<void> {
  const sent = freshProof(account)
  if (sent) await oftenTwice(crowd, account, { operation: 'challenge', sent })
}

/** Once, twice at once, or until it is answered. */
async function oftenTwice(crowd: Crowd, account: Account, asked: Question): Promise<void> {
  const way = pick<(...all: [Crowd, Account, Question]) => Promise<unknown>>([
    [3, ask],
    [2, requestWithRetry],
    [2, (...all) => Promise.all([ask(...all), ask(...all)])],
  ])
  await way(crowd, account, asked)
}

async function tryNonsense(crowd: Crowd, account: Account): Promise<void> {
  const [phone] = account.phones
  const old = account.allCodes.find((code) => !account.codes.includes(code))
  const sent =
    Math.random() < 0.5 && phone ? wrongProof(phone.secret) : backupProof(old ?? '0000-0000-0000-0000-0000-0000')
  await ask(crowd, account, { operation: 'challenge', sent })
}

async function lookAtStatus(crowd: Crowd, account: Account): Promise<void> {
  await ask(crowd, account, { operation: 'status' })
}

async function regenerate(crowd: Crowd, account: Account): Promise<void> {
  const sent = anyProof(account)
  if (sent) await ask(crowd, account, { operation: 'regenerate', sent })
}

async function addPhone(crowd: Crowd, account: Account): Promise<void> {
  const sent = anyProof(account)
  const secret = sent && secretOf(await ask(crowd, account, { operation: 'setup', sent }))
  if (secret !== undefined) await verify(crowd, account, secret)
}

async function removePhone(crowd: Crowd, account: Account): Promise<void> {
  const status = await ask(crowd, account, { operation: 'status' })
  const found = status.outcome.kind === 'answered' ? status.outcome.body['authenticators'] : []
  const ids = Array.isArray(found) ? found.map(({ id }: { id: string }) => id) : []
  const target = ids[Math.floor(Math.random() * ids.length)]
  const sent = anyProof(account)
  if (sent && target && ids.length > 1) await ask(crowd, account, { operation: 'remove', target, sent })
}

async function disable(crowd: Crowd, account: Account): Promise<void> {
  const sent = anyProof(account)
  if (sent) await ask(crowd, account, { operation: 'disable', sent })
}

function anyProof(account: Account): SentProof | undefined {
  return (Math.random() < 0.3 ? freshProof(account) : undefined) ?? anyBackupProof(account) ?? freshProof(account)
}
