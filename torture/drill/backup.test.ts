import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../scripts/lib/process.ts'
import { startSqld } from '../../scripts/lib/sqld.ts'
import { isLong, report, sized } from '../lib/run.ts'
import { contradictions, looseEnds, readBackup } from './backup.ts'
import { ask, type Member } from './client.ts'
import { type Fleet, startFleet, withCron } from './fleet.ts'
import { liveOn, meetPeople, numbersOf, reset, voices } from './restored.ts'
import { runScript } from './script.ts'
import { startTraffic } from './traffic.ts'

const BACKUPS = sized({ short: 1, long: 4 })
const LIVES_BEFORE = sized({ short: 20, long: 100 })
const CLIENTS = sized({ short: 3, long: 6 })
const TIMEOUT_MS = 300_000
/** What the page promises: so long a user waits for the first code that is taken, at most. */
const LONGEST_WAIT_MS = 60_000
const LOOK_EVERY_MS = 1_000
const ANSWER_MS = 5_000

let folder: string
let script: string
let production: Fleet

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-mfa-drill-'))
  script = withCron()
  production = await startFleet({ script })
}, TIMEOUT_MS)

afterAll(async () => {
  await production.end()
  await rm(folder, { recursive: true, force: true })
})

/** Restores a file into a server of its own, as the page says. */
async function restore(file: string) {
  const port = await freePort()
  const { url, child } = await startSqld({ folder: join(folder, `restored-${port}`), port })
  expect(await operate('backup', { url, args: ['--restore', file] })).toMatchObject({ code: 0 })
  return { url, end: child.end }
}

function operate(name: string, { url, args }: { url: string; args: readonly string[] }) {
  return runScript(name, { env: { ...production.settings(), TURSO_DATABASE_URL: url }, args })
}

/** Tries each code of the phone once until one is taken, as a person does; answers how long that took. */
async function waitForCode(service: Fleet, { token, code }: Member): Promise<number> {
  const startedAt = performance.now()
  const waited = () => performance.now() - startedAt
  let tried = ''
  while (waited() < LONGEST_WAIT_MS + LOOK_EVERY_MS) {
    const shown = code(0)
    const isNew = shown !== tried
    tried = shown
    if (isNew && (await ask(service, { path: '/challenge', token, body: { code: shown } })).status === 200)
      return waited()
    await sleep(LOOK_EVERY_MS)
  }
  return Number.POSITIVE_INFINITY
}

describe('the drill of backup and restore', () => {
  it(
    'takes one moment of a database in use; once closed, nothing used since then works',
    async () => {
      const traffic = startTraffic(production, { clients: CLIENTS })
      const rounds: { file: string; beganAt: number; endedAt: number; meanwhile: number }[] = []
      try {
        await traffic.more(LIVES_BEFORE)
        for (let round = 1; round < BACKUPS; round += 1) await back(round)
        const before = await meetPeople(production)
        await back(0)
        const people = await liveOn(production, before)
        await traffic.more(CLIENTS)
        await traffic.end()
        expect(traffic.wrong).toEqual([])

        const copies = []
        for (const { file, ...times } of rounds) {
          const copy = await restore(file)
          const rows = await readBackup(copy.url)
          copies.push({ ...copy, subjects: rows.subjects.length })
          expect(rows.integrity).toBe('ok')
          expect(looseEnds(rows)).toEqual([])
          expect(contradictions(rows, { facts: traffic.facts, ...times })).toEqual([])
        }
        const last = copies.at(-1)
        const url = last?.url ?? ''
        expect(await operate('reconcile-backup', { url, args: ['--apply'] })).toMatchObject({ code: 0 })
        if (isLong) expect((await operate('doctor', { url, args: ['--json'] })).output).not.toContain('key-missing')

        const service = await startFleet({ script, databaseUrl: url })
        expect(await voices(service, people)).toEqual({
          'a code used since': '400 invalid-code',
          'the code of now': '400 invalid-code',
          'a backup code used since': '400 invalid-code',
          'an unused backup code': '400 invalid-code',
          'the kept answer of verify': '400 no-pending-enrollment',
          'a pending secret': '400 no-pending-enrollment',
          'backup codes': { total: 10, remaining: 0 },
          'who turned MFA off since': true,
          'who turned MFA on since': false,
        })
        expect(await reset(service, people.leaver)).toBe('200')
        const given = await numbersOf(production.databaseUrl, people.leaver.sub)
        const again = await numbersOf(url, people.leaver.sub)
        expect(again.map(({ type }) => type)).toEqual(['mfa.enabled', 'backup_codes.void', 'admin.reset'])
        expect(again[1]?.number).toBeGreaterThan(given.at(-1)?.number ?? 0)
        const waitedMs = isLong ? await waitForCode(service, people.active) : undefined
        if (waitedMs !== undefined) expect(waitedMs).toBeLessThan(LONGEST_WAIT_MS + LOOK_EVERY_MS + ANSWER_MS)
        await service.end()
        for (const copy of copies) await copy.end()
        report('backup and restore under traffic', {
          ...traffic.figures(),
          backups: rounds.length,
          'acknowledged while they were taken': rounds.map(({ meanwhile }) => meanwhile).join(', '),
          'subjects in the last one': last?.subjects ?? 0,
          ...(waitedMs !== undefined && { 'first code taken after (s)': Math.round(waitedMs / 1000) }),
        })
      } finally {
        await traffic.end()
      }

      async function back(round: number): Promise<void> {
        const file = join(folder, `backup-${round}.sql`)
        const beganAt = performance.now()
        const known = traffic.facts.length
        const said = await operate('backup', { url: production.databaseUrl, args: ['--to', file] })
        expect(said).toMatchObject({ code: 0 })
        rounds.push({ file, beganAt, endedAt: performance.now(), meanwhile: traffic.facts.length - known })
      }
    },
    TIMEOUT_MS,
  )
})
