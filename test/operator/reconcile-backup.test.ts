import { describe, expect, it } from 'vitest'
import { reconcileBackupStore } from '../../operator/store/reconcile-backup.ts'
import { openDatabase } from '../../src/store/client.ts'
import { backend, useOwnDatabase } from '../support/backend.ts'
import { enroll, setUp } from '../support/life.ts'
import { codeOf } from '../support/phone.ts'
import { query, rowsOf } from '../support/rows.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'

await useOwnDatabase()
const service = startService()

function restored() {
  return reconcileBackupStore(
    openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt: Date.now() + 30_000 }),
  )
}

/** Closes everything, in pages of two subjects. */
async function closeAll(outbox = false): Promise<{ subjects: number; codes: number }> {
  const sum = { subjects: 0, codes: 0 }
  for (let after: number | undefined = 0, pages = 0; after !== undefined && pages < 100; pages += 1) {
    const run = { after, limit: 2, now: Date.now(), requestId: 'test', outbox }
    const page: Awaited<ReturnType<ReturnType<typeof restored>['invalidatePage']>> =
      await restored().invalidatePage(run)
    sum.subjects += page.subjects
    sum.codes += page.codes
    after = page.last
  }
  return sum
}

/** A subject who used a code of the phone and a backup code, and of whom a backup from before that was restored. */
async function restoredUser() {
  const user = await newUser()
  const { secret, backupCodes } = await enroll(service, user.token)
  const [subject] = await query('SELECT id FROM subject WHERE sub = ?', user.sub)
  const [before] = await query('SELECT last_step FROM authenticator WHERE subject_id = ?', Number(subject?.['id']))
  const bodies = [{ code: codeOf(secret, Date.now() + 30_000) }, { backup_code: backupCodes[0] }]
  for (const body of bodies) expect((await challenge(user.token, body)).status).toBe(200)
  const id = Number(subject?.['id'])
  await query('UPDATE authenticator SET last_step = ? WHERE subject_id = ?', Number(before?.['last_step']), id)
  await query('UPDATE backup_code SET used_at = NULL WHERE subject_id = ?', id)
  return { ...user, bodies, backupCodes }
}

function challenge(token: string, body: object) {
  return service.call(`POST ${PROFILE}/challenge`, { token, body })
}

describe('a backup that was restored', () => {
  it('brings back to life what was used since it was made', async () => {
    const { token, bodies } = await restoredUser()
    for (const body of bodies) expect((await challenge(token, body)).status).toBe(200)
  })

  it('is closed: no step up to now works, and no backup code', async () => {
    const { token, sub, bodies, backupCodes } = await restoredUser()
    await closeAll()
    for (const body of bodies) expect((await challenge(token, body)).status).toBe(400)
    for (const code of backupCodes) expect((await challenge(token, { backup_code: code })).status).toBe(400)
    expect((await rowsOf(sub)).verify_repeat).toEqual([])
  })

  it('is closed: the code of the next but one step works again', async () => {
    const { token, sub } = await newUser()
    const { secret } = await enroll(service, token)
    await closeAll()
    const [row] = (await rowsOf(sub)).authenticator
    const opensAt = (Number(row?.['last_step']) + 1) * 30_000
    expect(opensAt).toBeLessThanOrEqual(Date.now() + 60_000)
    await query('UPDATE authenticator SET last_step = last_step - 2 WHERE id = ?', String(row?.['id']))
    expect((await challenge(token, { code: codeOf(secret) })).status).toBe(200)
  })

  it('is closed: no pending secret of it can be verified', async () => {
    const { token } = await newUser()
    const secret = await setUp(service, token)
    await closeAll()
    const { body } = await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(secret) } })
    expect(body['type']).toContain('no-pending-enrollment')
  })

  it('tells each owner of unused codes, once, with a number that was never given', async () => {
    await closeAll()
    const { sub } = await restoredUser()
    expect(await closeAll(true)).toMatchObject({ codes: 10 })
    expect(await closeAll(true)).toMatchObject({ codes: 0 })
    const { event } = await rowsOf(sub)
    const told = event.filter(({ type }) => type === 'backup_codes.void')
    expect(told).toHaveLength(1)
    expect(Number(told[0]?.['sequence'])).toBeGreaterThan(1000)
    expect(await query('SELECT event_id FROM outbox WHERE event_id = ?', String(told[0]?.['id']))).toHaveLength(1)
    await query('DELETE FROM outbox')
  })

  it('counts what is open', async () => {
    await closeAll()
    const { token } = await newUser()
    await enroll(service, token)
    expect(await restored().countReusable()).toMatchObject({ codes: 10, pending: 0, repeats: 1 })
  })
})
