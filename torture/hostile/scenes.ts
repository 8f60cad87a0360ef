import { randomUUID } from 'node:crypto'
import { Secret } from 'otpauth'
import type { BareService } from '../../scripts/lib/bare-service.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { phoneOf } from '../../test/support/phone.ts'
import type { Dump } from './database.ts'

const PROFILE = '/api/user/profile/mfa'

type Members = Readonly<Record<string, unknown>>

/** An answer: its status with the name of its problem, if it is one, and its members. */
export type Outcome = { readonly outcome: string; readonly body: Members }

/** A subject in a state, with all that it ever got. */
export type Scene = {
  readonly sub: string
  readonly token: string
  /** Its authenticators, oldest first. */
  readonly ids: readonly string[]
  readonly backupCodes: readonly string[]
  /** The code of the active secret, some steps from now; of a secret that nobody has where there is none. */
  readonly code: (stepsAhead: number) => string
  /** The code of the secret that was set up last. */
  readonly pendingCode: (stepsAhead: number) => string
}

/** Sends one request; `operation` is `METHOD path`, where `…` stands for the profile. */
export async function act(
  { url }: Pick<BareService, 'url'>,
  operation: string,
  { token, body }: { readonly token: string; readonly body?: object | undefined },
): Promise<Outcome> {
  const [method = 'GET', path = ''] = operation.split(' ')
  const response = await fetch(`${url}${path.replace('…', PROFILE)}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const members: Members = text === '' ? {} : JSON.parse(text)
  const name = response.status < 400 ? '' : ` ${String(members['type']).split('/').at(-1)}`
  return { outcome: `${response.status}${name}`, body: members }
}

/** A token of the subject, or of an administrator. */
export function tokenFor({ settings }: BareService, sub: string, scope?: string): Promise<string> {
  return signAccessToken(settings, { sub, scope, expiresInSeconds: 600 })
}

/** A subject with nothing. */
export async function off(service: BareService): Promise<Scene> {
  const sub = `subject-${randomUUID()}`
  const code = phoneOf(new Secret().base32)
  return { sub, token: await tokenFor(service, sub), ids: [], backupCodes: [], code, pendingCode: code }
}

/** With a pending secret. */
export async function pending(service: BareService): Promise<Scene> {
  return withPending(service, await off(service))
}

/** With MFA on, by the code of the present step. */
export async function on(service: BareService): Promise<Scene> {
  return verified(service, await pending(service))
}

/** With MFA on, and a pending secret beside it. */
export async function onAndPending(service: BareService): Promise<Scene> {
  const scene = await on(service)
  return withPending(service, scene, { backup_code: scene.backupCodes[0] })
}

/** With MFA on, and so many authenticators; a backup code less for each beyond the first. */
export async function withAuthenticators(service: BareService, count: number): Promise<Scene> {
  let scene = await on(service)
  for (let used = 1; used < count; used += 1) {
    const added = await verified(service, await withPending(service, scene, { backup_code: scene.backupCodes[used] }))
    scene = { ...added, backupCodes: scene.backupCodes, code: scene.code }
  }
  return scene
}

/** With MFA on once, and off by its own will. */
export async function disabled(service: BareService): Promise<Scene> {
  const scene = await on(service)
  await must(act(service, 'POST …/disable', { token: scene.token, body: { backup_code: scene.backupCodes[9] } }))
  return scene
}

/** With MFA on once, and off by an administrator. */
export async function resetByAdministrator(service: BareService): Promise<Scene> {
  const scene = await on(service)
  const token = await tokenFor(service, 'administrator', 'mfa:admin')
  await must(act(service, `POST /api/admin/users/${scene.sub}/mfa/reset`, { token, body: { reason: 'x' } }))
  return scene
}

/** With another secret pending. */
export async function withPending(service: BareService, scene: Scene, proof: object = {}): Promise<Scene> {
  const { body } = await must(act(service, 'POST …/setup', { token: scene.token, body: proof }))
  return { ...scene, pendingCode: phoneOf(String(body['secret'])) }
}

async function verified(service: BareService, scene: Scene): Promise<Scene> {
  const { token, pendingCode } = scene
  const { body } = await must(act(service, 'POST …/verify', { token, body: { code: pendingCode(0) } }))
  const status = await must(act(service, 'GET …', { token }))
  const ids = (status.body['authenticators'] as readonly { readonly id: string }[]).map(({ id }) => id)
  return { ...scene, ids, code: pendingCode, backupCodes: body['backup_codes'] as readonly string[] }
}

/** Fails unless the step was let through. */
export async function must(step: Promise<Outcome>): Promise<Outcome> {
  const done = await step
  if (!done.outcome.startsWith('20')) throw new Error(`a step of the scene was answered ${done.outcome}`)
  return done
}

/** Where two dumps differ: `table.column`, or `table` where rows came or went. */
export function changesBetween(before: Dump, after: Dump): readonly string[] {
  const found = Object.entries(before).flatMap(([table, rows]) => {
    const others = after[table] ?? []
    if (rows.length !== others.length) return [table]
    return rows.flatMap((row, index) => columnsThatDiffer(row, others[index]).map((column) => `${table}.${column}`))
  })
  return [...new Set(found)].toSorted()
}

function columnsThatDiffer(row: unknown, other: unknown): readonly string[] {
  const [before, after] = [Object(row), Object(other)] as [Members, Members]
  return Object.keys(before).filter((column) => JSON.stringify(before[column]) !== JSON.stringify(after[column]))
}
