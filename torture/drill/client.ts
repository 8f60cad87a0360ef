import { randomUUID } from 'node:crypto'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { phoneOf } from '../../test/support/phone.ts'
import type { Fleet } from './fleet.ts'

const PROFILE = '/api/user/profile/mfa'

/** What a client asks for; without a body it only looks. */
export type Sent = {
  readonly path: string
  readonly token: string
  readonly body?: object
  /** Where it is no path of the profile. */
  readonly from?: string
}

/** What it is told. */
export type Told = {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly retryAfter: string | null
}

/** Somebody who turned MFA on. */
export type Member = {
  readonly sub: string
  readonly token: string
  /** The code of the phone, some steps away from now. */
  readonly code: (stepsAhead: number) => string
  readonly backupCodes: readonly string[]
  readonly used: string[]
}

/** Sends one request. */
export async function ask(service: Pick<Fleet, 'send'>, { path, token, body, from = PROFILE }: Sent): Promise<Told> {
  const response = await service.send(`${from}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const told = (await response.json()) as Readonly<Record<string, unknown>>
  return { status: response.status, body: told, retryAfter: response.headers.get('Retry-After') }
}

/** A token of somebody new, good for the service as it is now. */
export async function newcomer(service: Fleet, scope?: string): Promise<{ sub: string; token: string }> {
  const sub = newSub()
  return { sub, token: await signAccessToken(service.settings(), { sub, scope, expiresInSeconds: 600 }) }
}

/** A subject whom nobody knows yet. */
export function newSub(): string {
  return `drill-${randomUUID()}`
}

/** Sets up a pending secret; answers the phone that holds it. */
export async function setUp(service: Fleet, token: string): Promise<Member['code']> {
  const { status, body } = await ask(service, { path: '/setup', token, body: {} })
  if (status !== 200) throw new Error(`setup was answered ${status}`)
  return phoneOf(String(body['secret']))
}

/** Turns MFA on for somebody new, with the code of the present step. */
export async function join(service: Fleet, sign?: (sub: string) => Promise<string>): Promise<Member> {
  const sub = newSub()
  const token = await (sign === undefined
    ? signAccessToken(service.settings(), { sub, expiresInSeconds: 600 })
    : sign(sub))
  const code = await setUp(service, token)
  const { status, body } = await ask(service, { path: '/verify', token, body: { code: code(0) } })
  if (status !== 200) throw new Error(`verify was answered ${status}`)
  return { sub, token, code, backupCodes: body['backup_codes'] as readonly string[], used: [] }
}
