import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { report, sized } from '../lib/run.ts'
import type { Crowd } from './asking.ts'
import { keepLiving, tryAllCodes } from './crowd.ts'
import { type Injected, injectFaults, untilAnswered } from './fault-injector.ts'
import { type Entry, isAcknowledged, isUnknown } from './history.ts'
import { judge } from './judge.ts'
import { type KillableService, startKillableService } from './killable.ts'
import { livesOf } from './lives.ts'
import { readStored, type Stored } from './rows.ts'

const SUBJECTS_AT_ONCE = 8
const FAULTS = {
  database: sized({ short: 6, long: 300 }),
  worker: sized({ short: 1, long: 60 }),
  both: sized({ short: 1, long: 10 }),
  stall: sized({ short: 0, long: 5 }),
}
/** No new fault after that. */
const LIMIT_MS = sized({ short: 8_000, long: 120_000 })
/** Subjects whose codes are all tried in the end. */
const PROBED = sized({ short: 5, long: 24 })
const TIMEOUT_MS = 600_000
/** What was sent before a kill and is still on its way in the database. */
const SETTLE_MS = 500

let service: KillableService
let crowd: Crowd
let injected: Injected
/** Requests without an answer that were done all the same. */
let doneUnheard = 0

beforeAll(async () => {
  service = await startKillableService()
  crowd = { url: service.url, settings: service.settings, history: [], accounts: [], isOver: false }
  const lives = Promise.all(Array.from({ length: SUBJECTS_AT_ONCE }, () => keepLiving(crowd)))
  try {
    injected = await injectFaults(service, { crowd, faults: FAULTS, limitMs: LIMIT_MS })
  } finally {
    crowd.isOver = true
    await lives
  }
  // After this no Worker is left that may still send anything, and what is read was on the disk.
  await service.killWorker()
  await sleep(SETTLE_MS)
  await service.killDatabase()
  await untilAnswered(crowd)
}, TIMEOUT_MS)

afterAll(() => service.end())

describe('a service whose database and runtime are killed while clients use it', () => {
  it('keeps what it acknowledged, undoes or finishes the rest, and accepts nothing twice', async () => {
    const stored = await readStored(service.databaseUrl)
    expect(judge(crowd.history, stored)).toEqual([])
    const changes = livesOf(crowd.history, stored).flatMap((life) => life.changes)
    doneUnheard = changes.filter(({ entry }) => isUnknown(entry)).length
  })

  it('tells each subject what is stored, and takes each unused backup code once', { timeout: TIMEOUT_MS }, async () => {
    const before = await readStored(service.databaseUrl)
    const probed = crowd.accounts.filter(({ allCodes }) => allCodes.length > 0).slice(-PROBED)
    const statuses = await Promise.all(probed.map((account) => tryAllCodes(crowd, account)))
    expect(statuses.map(told)).toEqual(statuses.map(({ sub }) => stored(before, sub)))
    expect(judge(crowd.history, await readStored(service.databaseUrl))).toEqual([])
  })

  it('was killed, and answered again each time', () => {
    report('kill', figures())
    expect(injected.recoveries.length).toBeGreaterThan(0)
  })
})

function told({ outcome }: Entry) {
  const body = outcome.kind === 'answered' ? outcome.body : {}
  const authenticators = body['authenticators'] as readonly { readonly id: string }[]
  return { enabled: body['enabled'], ids: authenticators.map(({ id }) => id).sort(), codes: body['backup_codes'] }
}

function stored({ subjects }: Stored, sub: string) {
  const rows = subjects.get(sub)
  const { total = 0, used = 0 } = rows?.backupCodes ?? {}
  const ids = rows?.active.map(({ id }) => id).sort() ?? []
  return { enabled: rows?.enabled ?? false, ids, codes: { total, remaining: total - used } }
}

function figures() {
  const { history, accounts } = crowd
  const count = (test: (entry: Entry) => boolean) => history.filter(test).length
  const recoveries = injected.recoveries.toSorted((a, b) => a - b)
  return {
    'kills of the database': injected.faults.database,
    'kills of the runtime': injected.faults.worker,
    'kills of both': injected.faults.both,
    'stalls of the database': injected.faults.stall,
    subjects: accounts.length,
    requests: history.length,
    acknowledged: count(isAcknowledged),
    'answered 503': count((entry) => isUnknown(entry) && entry.outcome.kind === 'answered'),
    unanswered: count(({ outcome }) => outcome.kind === 'unanswered'),
    'of these done all the same': doneUnheard,
    'never sent': count(({ outcome }) => outcome.kind === 'unsent'),
    refused: count((entry) => entry.outcome.kind === 'answered' && !isAcknowledged(entry) && !isUnknown(entry)),
    'recovery, median ms': Math.round(recoveries[Math.floor(recoveries.length / 2)] ?? 0),
    'recovery, longest ms': Math.round(recoveries.at(-1) ?? 0),
  }
}
