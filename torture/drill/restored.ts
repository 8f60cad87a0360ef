import { createClient } from '@libsql/client/http'
import { ask, join, type Member, newcomer, setUp } from './client.ts'
import type { Fleet } from './fleet.ts'

/** People whose last moments before and after a backup differ. */
export type People = {
  /** Passed a challenge and redeemed a backup code since. */
  readonly active: Member & { readonly enrollingCode: string; readonly lastCode: string }
  /** Turned MFA off since. */
  readonly leaver: Member
  /** Had a pending secret. */
  readonly waiting: { readonly token: string; readonly code: Member['code'] }
}

/** Does what comes before a backup. */
export async function meetPeople(service: Fleet): Promise<People> {
  const active = await join(service)
  const leaver = await join(service)
  const { token } = await newcomer(service)
  const waiting = { token, code: await setUp(service, token) }
  return { active: { ...active, enrollingCode: active.code(0), lastCode: '' }, leaver, waiting }
}

/** Does what comes after it; all of it is acknowledged. */
export async function liveOn(service: Fleet, { active, leaver, waiting }: People): Promise<People & { late: Member }> {
  const lastCode = active.code(1)
  await well(service, { ...active, path: '/challenge', body: { code: lastCode } })
  await well(service, { ...active, path: '/challenge', body: { backup_code: active.backupCodes[0] } })
  await well(service, { ...leaver, path: '/disable', body: { backup_code: leaver.backupCodes[0] } })
  return { active: { ...active, lastCode }, leaver, waiting, late: await join(service) }
}

/** What a restored service says to each of them, in words. */
export async function voices(service: Fleet, people: People & { late: Member }): Promise<Record<string, unknown>> {
  const { active, leaver, waiting, late } = people
  const challenge = (body: object) => outcome(service, { token: active.token, path: '/challenge', body })
  const status = async ({ token }: Member) => (await ask(service, { path: '', token })).body
  return {
    'a code used since': await challenge({ code: active.lastCode }),
    'the code of now': await challenge({ code: active.code(0) }),
    'a backup code used since': await challenge({ backup_code: active.backupCodes[0] }),
    'an unused backup code': await challenge({ backup_code: active.backupCodes[1] }),
    'the kept answer of verify': await outcome(service, {
      token: active.token,
      path: '/verify',
      body: { code: active.enrollingCode },
    }),
    'a pending secret': await outcome(service, {
      token: waiting.token,
      path: '/verify',
      body: { code: waiting.code(0) },
    }),
    'backup codes': (await status(active))['backup_codes'],
    'who turned MFA off since': (await status(leaver))['enabled'],
    'who turned MFA on since': (await status(late))['enabled'],
  }
}

/** What the page says that an administrator does with whoever turned MFA off since. */
export async function reset(service: Fleet, { sub }: Member): Promise<string> {
  const { token } = await newcomer(service, 'mfa:admin')
  const body = { reason: 'restored from a backup' }
  return outcome(service, { from: '/api/admin/users', path: `/${sub}/mfa/reset`, token, body })
}

/** The events of a subject and their numbers. */
export async function numbersOf(url: string, sub: string): Promise<readonly { type: string; number: number }[]> {
  const client = createClient({ url })
  const { rows } = await client.execute({
    sql: `SELECT type, sequence FROM event WHERE subject_id = (SELECT id FROM subject WHERE sub = ?) ORDER BY sequence`,
    args: [sub],
  })
  client.close()
  return rows.map((row) => ({ type: String(row['type']), number: Number(row['sequence']) }))
}

async function outcome(service: Fleet, sent: Parameters<typeof ask>[1]): Promise<string> {
  const { status, body } = await ask(service, sent)
  return typeof body['type'] === 'string' ? `${status} ${body['type'].split('/').at(-1)}` : String(status)
}

async function well(service: Fleet, sent: Parameters<typeof ask>[1]): Promise<void> {
  const said = await outcome(service, sent)
  if (said !== '200') throw new Error(`${sent.path} was answered ${said}`)
}
