import { afterEach, beforeEach, vi } from 'vitest'
import { enroll, setUp } from './life.ts'
import { codeOf } from './phone.ts'
import { rowsOf, setSubject } from './rows.ts'
import { type Answer, newUser, PROFILE, PUBLIC_URL, type Service } from './service.ts'
import { accessToken } from './tokens.ts'

/** Milliseconds of a time step. */
export const STEP_MS = 30_000

/** A user whose MFA is on. */
export type Account = {
  readonly sub: string
  readonly token: string
  readonly secret: string
  readonly backupCodes: readonly string[]
}

/** Holds the clock in every test of a file; {@link pass} moves it. */
export function holdClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

/** Moves the held clock. Tokens live for ten minutes: after more, sign a fresh one. */
export function pass(ms = STEP_MS): void {
  vi.setSystemTime(Date.now() + ms)
}

/** Turns MFA on for a new user; the enrolling step is used, so its next code comes a step later. */
export async function openAccount(service: Service): Promise<Account> {
  const user = await newUser()
  return { ...user, ...(await enroll(service, user.token)) }
}

/** Turns MFA on for a new user by the code of the step before, so that the code of this moment is a fresh one. */
export async function readyAccount(service: Service): Promise<Account> {
  const user = await newUser()
  const secret = await setUp(service, user.token)
  const body = { code: codeOf(secret, Date.now() - STEP_MS) }
  const answer = await service.call(`POST ${PROFILE}/verify`, { token: user.token, body })
  if (answer.status !== 200) throw new Error(`verify answered ${answer.status}: ${answer.text}`)
  return { ...user, secret, backupCodes: answer.body['backup_codes'] as readonly string[] }
}

/** Adds an authenticator by a proof, its name included in `body`; answers its secret and its id. */
export async function addPhone(
  service: Service,
  account: { token: string },
  body: object,
): Promise<{ secret: string; id: string }> {
  const { token } = account
  const secret = await setUp(service, token, body)
  const before = await authenticatorIds(service, account)
  const { status, text } = await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })
  if (status !== 200) throw new Error(`verify answered ${status}: ${text}`)
  const id = (await authenticatorIds(service, account)).find((each) => !before.includes(each))
  if (id === undefined) throw new Error('no authenticator was added')
  return { secret, id }
}

/** The ids of the active authenticators, oldest first. */
export async function authenticatorIds(service: Service, { token }: { token: string }): Promise<readonly string[]> {
  const { body } = await service.call(`GET ${PROFILE}`, { token })
  return (body['authenticators'] as { id: string }[]).map(({ id }) => id)
}

/** The only authenticator's id, or the oldest one's. */
export async function firstId(service: Service, account: { token: string }): Promise<string> {
  const [id] = await authenticatorIds(service, account)
  if (id === undefined) throw new Error('there is no authenticator')
  return id
}

/** A token of an administrator that nobody else in the tests is. */
export async function adminToken(scope = 'mfa:admin'): Promise<string> {
  return accessToken({ sub: `admin-${crypto.randomUUID()}`, scope })
}

/** What an answer with that problem looks like. */
export function problem(status: number, name: string) {
  return { status, body: { status, type: `${PUBLIC_URL}/problems/${name}` } }
}

/** An answer as one text: the status, and the problem's name where it is one. */
export function outcomeOf({ status, body }: Answer): string {
  const type = body['type']
  return typeof type === 'string' ? `${status} ${type.split('/').at(-1)}` : String(status)
}

/** The types of a subject's events, oldest first. */
export async function eventTypes(sub: string): Promise<unknown[]> {
  const { event } = await rowsOf(sub)
  return event.toSorted((a, b) => Number(a['sequence']) - Number(b['sequence'])).map((row) => row['type'])
}

/** Puts a subject's throttle where that many failures would have put it. */
export async function setThrottle(sub: string, throttle: { failures: number; retryAt: number | null }): Promise<void> {
  await setSubject(sub, `failures = ${throttle.failures}, retry_at = ${throttle.retryAt ?? 'NULL'}`)
}
