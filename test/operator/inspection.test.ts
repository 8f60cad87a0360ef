import { beforeAll, describe, expect, it } from 'vitest'
import { inspectionStore } from '../../operator/store/inspection.ts'
import { openDatabase } from '../../src/store/client.ts'
import { backend, useOwnDatabase } from '../support/backend.ts'
import { enroll, setUp } from '../support/life.ts'
import { playReceiver, RECEIVER, WEBHOOK_SECRETS } from '../support/receiver.ts'
import { SECRETS } from '../support/secrets.ts'
import { newUser, startService } from '../support/service.ts'

await useOwnDatabase()
const KEYS = `new:${SECRETS.otherMaster},old:${SECRETS.master}`
const EMPTY = {
  nextDelivery: null,
  waiting: 0,
  givenUp: 0,
  pausedAt: null,
  oldestPending: null,
  oldestRepeat: null,
  newestEvent: null,
  newestStepAt: null,
}

function inspect() {
  const deadlineAt = Date.now() + 30_000
  return inspectionStore(openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt }))
}

describe('a database that nobody has used', () => {
  it('has its tables, its indexes and its migrations, and nothing else to tell', async () => {
    const names = [...(await inspect().readNames())]
    expect(names).toEqual(expect.arrayContaining(['subject', 'authenticator', 'subject_issuer_sub', 'outbox_next']))
    for (const hash of await inspect().readMigrations()) expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(await inspect().countIssuers()).toEqual([])
    expect(await inspect().countKeys()).toEqual([])
    expect(await inspect().readTraces()).toEqual(EMPTY)
  })
})

describe('a database in use', () => {
  const startedAt = Date.now()

  beforeAll(async () => {
    await enroll(startService({ MFA_KEYS: `old:${SECRETS.master}` }), (await newUser()).token)
    playReceiver(() => new Response(null, { status: 503 }))
    const webhooks = { WEBHOOK_URL: RECEIVER, WEBHOOK_SECRET: WEBHOOK_SECRETS[0] }
    const service = startService({ MFA_KEYS: KEYS, ...webhooks })
    await enroll(service, (await newUser()).token)
    await service.settled()
    await setUp(startService({ MFA_KEYS: KEYS }), (await newUser()).token)
  })

  it('tells how many have MFA on, by issuer', async () => {
    expect(await inspect().countIssuers()).toEqual([{ issuer: 'https://issuer.example', subjects: 3, enabled: 2 }])
  })

  it('tells what is under which key, but for what is pending', async () => {
    expect(await inspect().countKeys()).toEqual([
      { keyId: 'new', secrets: 1, backupCodes: 10 },
      { keyId: 'old', secrets: 1, backupCodes: 10 },
    ])
  })

  it('tells what waits, and the newest moments', async () => {
    const traces = await inspect().readTraces()
    expect(traces).toMatchObject({ waiting: 1, givenUp: 0, pausedAt: null })
    expect(traces.nextDelivery).toBeGreaterThanOrEqual(startedAt)
    expect(traces.oldestPending).toBeGreaterThan(startedAt)
    expect(traces.oldestRepeat).toBeGreaterThan(startedAt)
    expect(traces.newestEvent).toBeGreaterThanOrEqual(startedAt)
    expect(traces.newestStepAt).toBeGreaterThan(startedAt - 60_000)
  })
})
