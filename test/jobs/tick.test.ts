import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useOwnDatabase } from '../support/backend.ts'
import { enroll, setUp } from '../support/life.ts'
import { codeOf } from '../support/phone.ts'
import { query, rowsOf } from '../support/rows.ts'
import { SECRETS } from '../support/secrets.ts'
import { captureLog, newUser, PROFILE, startService } from '../support/service.ts'
import { accessToken } from '../support/tokens.ts'

const STEP_MS = 30_000
const DAY_MS = 86_400_000
const OLD = `old:${SECRETS.master}`
const NEW = `new:${SECRETS.otherMaster}`
const MANY = 10_000

await useOwnDatabase()

/** Enough ticks for whatever other tests left behind. */
async function tickTimes(service: { tick: () => Promise<void> }, times: number): Promise<void> {
  for (let run = 0; run < times; run += 1) await service.tick()
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('cleaning up', () => {
  it('deletes pending secrets and kept answers that have expired, and leaves the others', async () => {
    const service = startService()
    const [stale, fresh] = [await newUser(), await newUser()]
    await enroll(service, stale.token)
    const pending = await newUser()
    await setUp(service, pending.token)
    vi.setSystemTime(Date.now() + 600_000)
    await setUp(service, await accessToken({ sub: fresh.sub }))
    await tickTimes(service, 3)
    expect((await rowsOf(stale.sub)).verify_repeat).toEqual([])
    expect((await rowsOf(stale.sub)).authenticator).toHaveLength(1)
    expect((await rowsOf(pending.sub)).authenticator).toEqual([])
    expect((await rowsOf(fresh.sub)).authenticator).toHaveLength(1)
  })

  it('drops events past the retention time, and never restarts their numbers', async () => {
    const service = startService({ EVENT_RETENTION_DAYS: '30' })
    const { sub, token } = await newUser()
    const { backupCodes } = await enroll(service, token)
    vi.setSystemTime(Date.now() + 31 * DAY_MS)
    await tickTimes(service, 3)
    expect((await rowsOf(sub)).event).toEqual([])
    await service.call(`POST ${PROFILE}/challenge`, {
      token: await accessToken({ sub }),
      body: { backup_code: backupCodes[0] },
    })
    expect((await rowsOf(sub)).event.map(({ sequence }) => sequence)).toEqual([2, 3])
  })

  it('costs the same few round trips however much there is to do', async () => {
    const service = startService({ MFA_KEYS: `${NEW},${OLD}` })
    await query(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO subject (issuer, sub, created_at) SELECT 'bulk', 'bulk-' || i || '-' || ?, 0 FROM n`,
      MANY,
      crypto.randomUUID(),
    )
    expect(await service.countCalls(() => service.tick())).toBeLessThanOrEqual(8)
  })
})

describe('rotating a master key', () => {
  it('keeps everything working, seals anew, and lets the old key go', async () => {
    const { sub, token } = await newUser()
    const before = startService({ MFA_KEYS: OLD })
    const { secret, backupCodes } = await enroll(before, token)
    const both = startService({ MFA_KEYS: `${NEW},${OLD}` })
    vi.setSystemTime(Date.now() + STEP_MS)
    const challenge = (service: typeof both, body: object) => service.call(`POST ${PROFILE}/challenge`, { token, body })
    expect((await challenge(both, { code: codeOf(secret) })).status).toBe(200)
    expect((await challenge(both, { backup_code: backupCodes[0] })).status).toBe(200)
    await tickTimes(both, 10)
    expect((await rowsOf(sub)).authenticator[0]).toMatchObject({
      key_id: 'new',
      sealed: expect.stringMatching(/^v1\.new\./),
    })
    const after = startService({ MFA_KEYS: NEW })
    vi.setSystemTime(Date.now() + STEP_MS)
    expect((await challenge(after, { code: codeOf(secret) })).status).toBe(200)
  })

  it('is not held up by secrets that cannot be opened, however many', async () => {
    const { sub, token } = await newUser()
    await query(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
       INSERT INTO subject (issuer, sub, created_at) SELECT 'spoilt', 'spoilt-' || i, 0 FROM n`,
    )
    await query(
      `INSERT INTO authenticator
         (subject_id, id, state, name, sealed, key_id, algorithm, digits, step_seconds, created_at, last_step)
       SELECT id, 'x', 'active', 'x', 'v1.old.AAAA.AAAA', 'old', 'SHA1', 6, 30, 0, 0 FROM subject WHERE issuer = 'spoilt'`,
    )
    await enroll(startService({ MFA_KEYS: OLD }), token)
    await startService({ MFA_KEYS: `${NEW},${OLD}` }).tick()
    expect((await rowsOf(sub)).authenticator[0]).toMatchObject({ key_id: 'new' })
    await query("DELETE FROM authenticator WHERE sealed = 'v1.old.AAAA.AAAA'")
  })

  it('voids backup codes whose key is gone, counts them no more, and says so once, a day later', async () => {
    const { sub, token } = await newUser()
    const { backupCodes } = await enroll(startService({ MFA_KEYS: OLD }), token)
    const after = startService({ MFA_KEYS: NEW })
    await tickTimes(after, 5)
    expect((await rowsOf(sub)).event.map(({ type }) => type)).toEqual(['mfa.enabled'])
    vi.setSystemTime(Date.now() + DAY_MS + 1)
    await tickTimes(after, 5)
    const fresh = await accessToken({ sub })
    const status = await after.call(`GET ${PROFILE}`, { token: fresh })
    expect(status.body['backup_codes']).toEqual({ total: 10, remaining: 0 })
    const redeemed = await after.call(`POST ${PROFILE}/challenge`, {
      token: fresh,
      body: { backup_code: backupCodes[0] },
    })
    expect(redeemed.status).toBe(400)
    const types = (await rowsOf(sub)).event.map(({ type }) => type)
    expect(types).toEqual(['mfa.enabled', 'backup_codes.void'])
  })

  it('hurts only the rows of a key that was taken out too early', async () => {
    const [lost, other] = [await newUser(), await newUser()]
    const { secret } = await enroll(startService({ MFA_KEYS: OLD }), lost.token)
    const after = startService({ MFA_KEYS: NEW })
    await enroll(after, other.token)
    vi.setSystemTime(Date.now() + STEP_MS)
    const answer = await after.call(`POST ${PROFILE}/challenge`, { token: lost.token, body: { code: codeOf(secret) } })
    expect(answer).toMatchObject({ status: 503, body: { title: 'Temporarily unavailable' } })
    expect((await after.call(`GET ${PROFILE}`, { token: other.token })).body['enabled']).toBe(true)
  })
})

describe('a tick', () => {
  it('goes on with the next job when one fails, and logs each', async () => {
    const service = startService({ MFA_KEYS: `${NEW},${OLD}` })
    const lines = captureLog()
    await service.plan({ 1: 'error' })
    await service.tick()
    expect(lines.map(({ job, level }) => [job, level])).toEqual([
      ['deliverOutbox', 'info'],
      ['measureOutbox', 'error'],
      ['cleanUp', 'info'],
      ['resealSecrets', 'info'],
      ['voidBackupCodes', 'info'],
    ])
  })
})
