import { addPhone, authenticatorIds, readyAccount, STEP_MS, setThrottle } from './account.ts'
import { setUp } from './life.ts'
import { codeOf } from './phone.ts'
import { newUser, PROFILE, type Service } from './service.ts'

/** The states that a subject can be in. */
export const STATES = ['off', 'pending', 'active', 'waiting', 'blocked', 'disabled'] as const
export type State = (typeof STATES)[number]

/** A UUID that is nobody's. */
export const UNKNOWN = '00000000-0000-4000-8000-000000000000'
/** What looks like a backup code, and is nobody's. */
const UNUSED = '0'.repeat(24)

/** A subject in a state, with what may be presented as its proof. */
export type Scene = Awaited<ReturnType<typeof sceneOf>>

/** Puts a new subject into a state. The clock must be held. */
export async function sceneOf(service: Service, state: State) {
  const other = await readyAccount(service)
  const scene = await (state === 'off' || state === 'pending' ? without(service, state) : withMfa(service, state))
  return { ...scene, others: { code: codeOf(other.secret), backup_code: other.backupCodes[0] } }
}

async function without(service: Service, state: 'off' | 'pending') {
  const user = await newUser()
  const secret = state === 'pending' ? await setUp(service, user.token) : 'A'.repeat(32)
  return {
    ...user,
    id: UNKNOWN,
    secret,
    replayed: codeOf(secret, Date.now() - STEP_MS),
    codes: [UNUSED, UNUSED] as const,
  }
}

async function withMfa(service: Service, state: 'active' | 'waiting' | 'blocked' | 'disabled') {
  const account = await readyAccount(service)
  const { token, sub, secret, backupCodes } = account
  const replayed = codeOf(secret, Date.now() - STEP_MS)
  const [first = UNUSED, used = UNUSED, fresh = UNUSED, last = UNUSED] = backupCodes
  await addPhone(service, account, { backup_code: first })
  const [id = UNKNOWN] = await authenticatorIds(service, account)
  await service.call(`POST ${PROFILE}/challenge`, { token, body: { backup_code: used } })
  if (state === 'waiting') await setThrottle(sub, { failures: 8, retryAt: Date.now() + 100_000 })
  if (state === 'blocked') await setThrottle(sub, { failures: 100, retryAt: null })
  if (state === 'disabled') await service.call(`POST ${PROFILE}/disable`, { token, body: { backup_code: last } })
  return { sub, token, id, secret, replayed, codes: [used, fresh] as const }
}
