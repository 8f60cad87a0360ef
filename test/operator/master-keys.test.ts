import { describe, expect, it } from 'vitest'
import { masterKeyStore } from '../../operator/store/master-keys.ts'
import { openDatabase } from '../../src/store/client.ts'
import { backend, useOwnDatabase } from '../support/backend.ts'
import { enroll, setUp } from '../support/life.ts'
import { query, rowsOf } from '../support/rows.ts'
import { SECRETS } from '../support/secrets.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'

await useOwnDatabase()
const OLD = `old:${SECRETS.master}`
const NEW = `new:${SECRETS.otherMaster}`
const RUN = { keyId: 'old', now: Date.now(), requestId: 'test', outbox: false }

function masterKeys() {
  return masterKeyStore(
    openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt: Date.now() + 30_000 }),
  )
}

describe('the drill of a compromised key', () => {
  it('resets every subject that ever had a row under it, sealed anew or not, and no other subject', async () => {
    const [sealedAnew, pendingOnly, untouched] = [await newUser(), await newUser(), await newUser()]
    const before = startService({ MFA_KEYS: OLD })
    await enroll(before, sealedAnew.token)
    await setUp(before, pendingOnly.token)
    const both = startService({ MFA_KEYS: `${NEW},${OLD}` })
    await enroll(both, untouched.token)
    await both.tick()
    expect((await rowsOf(sealedAnew.sub)).authenticator[0]).toMatchObject({ key_id: 'new' })

    const found = await masterKeys().listCompromised({ keyId: 'old', limit: 10 })
    expect(found.subjects).toBe(2)
    expect(found.first).toContain(`https://issuer.example ${sealedAnew.sub}`)
    expect(await masterKeys().resetCompromised({ ...RUN, limit: 100 })).toBe(2)

    const rows = await rowsOf(sealedAnew.sub)
    expect([rows.authenticator, rows.backup_code, rows.verify_repeat]).toEqual([[], [], []])
    expect(rows.subject[0]).toMatchObject({ enabled_at: null, generation: 2 })
    expect(rows.event.map(({ type }) => type)).toEqual(['mfa.enabled', 'mfa.revoked'])
    expect((await rowsOf(pendingOnly.sub)).authenticator).toEqual([])
    const status = await both.call(`GET ${PROFILE}`, { token: untouched.token })
    expect(status.body['enabled']).toBe(true)
  })

  it('goes on where it broke off, with one event each', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => newUser()))
    const service = startService({ MFA_KEYS: OLD })
    for (const { token } of users) await enroll(service, token)
    const steps: number[] = []
    for (let step = 1; step > 0 && steps.length < 10; steps.push(step)) {
      step = await masterKeys().resetCompromised({ ...RUN, limit: 2 })
    }
    expect(steps).toEqual([2, 2, 1, 0])
    for (const { sub } of users) {
      const types = (await rowsOf(sub)).event.map(({ type }) => type)
      expect(types).toEqual(['mfa.enabled', 'mfa.revoked'])
    }
  })
})

describe('the status of the keys', () => {
  it('counts sealed secrets and unused backup codes by key id', async () => {
    await query('DELETE FROM backup_code')
    await query('DELETE FROM authenticator')
    await enroll(startService({ MFA_KEYS: OLD }), (await newUser()).token)
    await enroll(startService({ MFA_KEYS: `${NEW},${OLD}` }), (await newUser()).token)
    expect(await masterKeys().countKeys()).toEqual([
      { keyId: 'new', secrets: 1, backupCodes: 10 },
      { keyId: 'old', secrets: 1, backupCodes: 10 },
    ])
  })
})
