import { randomUUID } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { Settings } from '../../scripts/lib/settings.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'

const TOKEN_SECONDS = 900
const STEP_MS = 30_000
const PENDING_ATTEMPTS = 10
const FREE_FAILURES = 4
/** Requests after which a customer has seen enough, and another one comes. */
const LIFETIME = 14

/** What the service must hold of a customer. */
export type Held = {
  readonly enabled: boolean
  readonly pending: boolean
  readonly backupCodes: number
  readonly failures: number
}

/** A subject under load. It does one thing at a time, so it knows the one right answer to whatever it asks. */
export type Customer = {
  readonly sub: string
  readonly token: string
  held: Held
  /** What else may be held since an answer told of no outcome: it asks nothing more then. */
  doubts: readonly Held[]
  phone: TOTP | undefined
  /** Wrong codes at the pending secret. */
  attempts: number
  lastStep: number
  unused: readonly string[]
  used: readonly string[]
  asked: number
}

/** One request, and what follows from its answer. */
export type Act = {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token?: string
  readonly body?: object
  readonly status: number
  /** Members that the answer must have. */
  readonly members?: Readonly<Record<string, unknown>>
  /** What is held once it is answered as expected. */
  readonly held?: Partial<Held>
  /** What else may be held if the answer tells of no outcome: a part of it may have been done. */
  readonly doubts?: readonly Partial<Held>[]
  /** What the customer learns. */
  readonly learn?: (answer: Readonly<Record<string, unknown>>) => void
}

/** Somebody new, with an access token. */
export async function newCustomer(settings: Settings): Promise<Customer> {
  const sub = randomUUID()
  const token = await signAccessToken(settings, { sub, expiresInSeconds: TOKEN_SECONDS })
  const held = { enabled: false, pending: false, backupCodes: 0, failures: 0 }
  return { sub, token, held, doubts: [], phone: undefined, attempts: 0, lastStep: 0, unused: [], used: [], asked: 0 }
}

/** Whether a customer has come to its end. */
export function isDone({ asked, doubts }: Customer): boolean {
  return asked >= LIFETIME || doubts.length > 0
}

/** What a customer does next, by chance among what makes sense. */
export function nextAct(customer: Customer): Act {
  const acts = [...actsOf(customer), status(customer), badToken()]
  const [first = badToken()] = acts
  // The first is what it has come for: half of the time it does that.
  return Math.random() < 0.5 ? first : (acts[Math.floor(Math.random() * acts.length)] ?? first)
}

function actsOf(customer: Customer): readonly Act[] {
  const { held, phone } = customer
  if (!phone) return [setup(customer)]
  if (!held.enabled)
    return [verify(customer, phone), ...(customer.attempts < 2 ? [wrongAtVerify(customer, phone)] : [])]
  const fresh = freshStep(customer)
  const mayFail = held.failures < FREE_FAILURES
  return [
    ...(fresh === undefined ? [] : [challenge(customer, { phone, step: fresh })]),
    ...customer.unused.slice(0, 1).map((code) => challengeByBackupCode(customer, code)),
    ...customer.used.slice(0, 1).map((code) => usedBackupCode(customer, code)),
    ...(mayFail ? [wrongAtChallenge(customer, wrongCode(phone))] : []),
    ...(mayFail && customer.lastStep >= stepNow()
      ? [wrongAtChallenge(customer, codeAt(phone, customer.lastStep))]
      : []),
  ]
}

function setup(customer: Customer): Act {
  const learn = (answer: Readonly<Record<string, unknown>>) => {
    customer.phone = new TOTP({ secret: Secret.fromBase32(String(answer['secret'])) })
  }
  return { name: 'setup', method: 'POST', path: '/setup', body: {}, status: 200, held: { pending: true }, learn }
}

function verify(customer: Customer, phone: TOTP): Act {
  const step = stepNow()
  const learn = ({ backup_codes: codes }: Readonly<Record<string, unknown>>) => {
    customer.unused = codes as readonly string[]
    customer.lastStep = step
  }
  return {
    ...{ name: 'verify', method: 'POST', path: '/verify', body: { code: codeAt(phone, step) } },
    ...{ status: 200, members: { message: 'MFA enabled' }, learn },
    held: { enabled: true, pending: false, backupCodes: 10 },
  }
}

function wrongAtVerify(customer: Customer, phone: TOTP): Act {
  const learn = () => {
    customer.attempts += 1
  }
  const members = { title: 'Invalid code', attemptsRemaining: PENDING_ATTEMPTS - customer.attempts - 1 }
  const body = { code: wrongCode(phone) }
  return { name: 'wrong code at verify', method: 'POST', path: '/verify', body, status: 400, members, held: {}, learn }
}

function challenge(customer: Customer, { phone, step }: { phone: TOTP; step: number }): Act {
  const learn = () => {
    customer.lastStep = step
  }
  return {
    ...{ name: 'challenge', method: 'POST', path: '/challenge', body: { code: codeAt(phone, step) } },
    ...{ status: 200, members: { backup_codes_remaining: customer.held.backupCodes }, learn },
    held: { failures: 0 },
    doubts: [{ failures: customer.held.failures + 1 }],
  }
}

function challengeByBackupCode(customer: Customer, code: string): Act {
  const left = customer.held.backupCodes - 1
  const learn = () => {
    customer.unused = customer.unused.slice(1)
    customer.used = [...customer.used, code]
  }
  return {
    ...{ name: 'challenge by backup code', method: 'POST', path: '/challenge', body: { backup_code: code } },
    ...{ status: 200, members: { backup_codes_remaining: left }, learn },
    held: { backupCodes: left, failures: 0 },
  }
}

function usedBackupCode({ held }: Customer, code: string): Act {
  const members = { title: 'Invalid code', attemptsRemaining: FREE_FAILURES + 1 - held.failures }
  const body = { backup_code: code }
  return { name: 'used backup code', method: 'POST', path: '/challenge', body, status: 400, members }
}

/** A wrong code or a used one: both count. */
function wrongAtChallenge({ held }: Customer, code: string): Act {
  const failures = held.failures + 1
  return {
    ...{ name: 'wrong code', method: 'POST', path: '/challenge', body: { code }, status: 400, held: { failures } },
    members: { title: 'Invalid code', attemptsRemaining: FREE_FAILURES + 1 - failures },
  }
}

function status({ held }: Customer): Act {
  const { enabled, backupCodes } = held
  const members = { enabled, backup_codes: { total: enabled ? 10 : 0, remaining: backupCodes } }
  return { name: 'status', method: 'GET', path: '', status: 200, members }
}

function badToken(): Act {
  const request = { name: 'bad token', method: 'GET', path: '', token: 'not.a.token' } as const
  return { ...request, status: 401, members: { title: 'Invalid token' } }
}

/** A step whose code is unused and right for longer than any request takes; undefined where there is none. */
function freshStep({ lastStep }: Customer): number | undefined {
  return [stepNow(), stepNow() + 1].find((step) => step > lastStep)
}

function wrongCode(phone: TOTP): string {
  const right = new Set([-2, -1, 0, 1, 2].map((ahead) => codeAt(phone, stepNow() + ahead)))
  for (;;) {
    const code = String(Math.floor(Math.random() * 1_000_000)).padStart(6, '0')
    if (!right.has(code)) return code
  }
}

function codeAt(phone: TOTP, step: number): string {
  return phone.generate({ timestamp: step * STEP_MS })
}

function stepNow(): number {
  return Math.floor(Date.now() / STEP_MS)
}
