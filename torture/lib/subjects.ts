import { randomUUID } from 'node:crypto'
import type { BareService } from '../../scripts/lib/bare-service.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { call, type Enrolled, enroll } from '../../test/support/node/enroll.ts'
import { phoneOf } from '../../test/support/phone.ts'

const TOKEN_SECONDS = 600

/** A subject that was through everything which makes a code wrong, and has two authenticators still. */
export type Veteran = Enrolled & {
  readonly sub: string
  /** One of the two active authenticators. */
  readonly authenticatorId: string
  /** A right code that a challenge has used, within the window yet. */
  readonly usedCode: string
  /** The code of a pending secret, some steps away from now. */
  readonly pendingCode: (stepsAhead: number) => string
  readonly usedBackupCode: string
  /** Of a set that another one has replaced. */
  readonly voidBackupCode: string
  /** One that works. */
  readonly backupCode: string
}

/** A subject in the middle of turning MFA on. */
export type Pending = {
  readonly sub: string
  readonly token: string
  readonly code: (stepsAhead: number) => string
  /** A right code of the secret that this one replaced. */
  readonly formerCode: string
}

/** Somebody of whom nothing may be there yet. */
export async function newcomer(service: BareService, scope?: string): Promise<{ sub: string; token: string }> {
  const sub = randomUUID()
  return { sub, token: await signAccessToken(service.settings, { sub, scope, expiresInSeconds: TOKEN_SECONDS }) }
}

/** Leads a new subject through all that a {@link Veteran} has behind it. */
export async function makeVeteran(service: BareService): Promise<Veteran> {
  const sub = randomUUID()
  const enrolled = await enroll(service, sub)
  const post = poster(service, enrolled.token)
  const [voucher, voidBackupCode = ''] = enrolled.backupCodes
  const renewed = await post('/backup-codes', { backup_code: voucher })
  const [usedBackupCode = '', another, backupCode = ''] = renewed['backup_codes'] as readonly string[]
  await post('/verify', { code: phoneOf(await setUp(post, { backup_code: usedBackupCode }))(0) })
  const pendingCode = phoneOf(await setUp(post, { backup_code: another }))
  const usedCode = enrolled.code(1)
  await post('/challenge', { code: usedCode })
  const authenticatorId = await someAuthenticator(service, enrolled.token)
  return { ...enrolled, sub, authenticatorId, usedCode, pendingCode, usedBackupCode, voidBackupCode, backupCode }
}

/** Leads a new subject as far as its first code, by way of a secret that was replaced. */
export async function makePending(service: BareService): Promise<Pending> {
  const { sub, token } = await newcomer(service)
  const post = poster(service, token)
  const formerCode = phoneOf(await setUp(post))(0)
  return { sub, token, formerCode, code: phoneOf(await setUp(post)) }
}

/** Subjects without MFA, by how they came to be so. */
export async function withoutMfa(
  service: BareService,
): Promise<Readonly<Record<string, { sub: string; token: string }>>> {
  const off = await makeVeteran(service)
  await poster(service, off.token)('/disable', { backup_code: off.backupCode })
  return { unseen: await newcomer(service), pending: await makePending(service), off }
}

/** Access tokens of subjects without a pending secret, by how they came to be so. */
export async function withoutPending(service: BareService): Promise<Readonly<Record<string, string>>> {
  const [unseen, dropped, exhausted] = [await newcomer(service), await makePending(service), await makePending(service)]
  const on = await enroll(service, randomUUID())
  const { off } = await withoutMfa(service)
  const headers = { Authorization: `Bearer ${dropped.token}` }
  await fetch(`${service.url}/api/user/profile/mfa/setup`, { method: 'DELETE', headers })
  const tenth = { path: '/verify', token: exhausted.token, body: { code: exhausted.code(120) } }
  for (let tried = 0; tried < 10; tried += 1) await call(service.url, tenth)
  const subjects = { unseen, dropped, exhausted, on, ...(off && { off }) }
  return Object.fromEntries(Object.entries(subjects).map(([name, { token }]) => [name, token]))
}

function poster({ url }: BareService, token: string) {
  return async (path: string, body: object) => {
    const answer = await call(url, { path, token, body })
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}`)
    return answer.body
  }
}

async function setUp(post: ReturnType<typeof poster>, proof: object = {}): Promise<string> {
  return String((await post('/setup', proof))['secret'])
}

async function someAuthenticator({ url }: BareService, token: string): Promise<string> {
  const response = await fetch(`${url}/api/user/profile/mfa`, { headers: { Authorization: `Bearer ${token}` } })
  const { authenticators } = (await response.json()) as { authenticators: readonly { id: string }[] }
  return String(authenticators[0]?.id)
}
