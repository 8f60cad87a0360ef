import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLong, report, sized } from '../lib/run.ts'
import { contradictions, looseEnds, readBackup } from './backup.ts'
import { type Fleet, startFleet, withCron } from './fleet.ts'
import { applyFolder, fillEvents, schemaOf, withLaterMigration } from './migration.ts'
import { runScript } from './script.ts'
import { startTraffic, type Traffic } from './traffic.ts'

const TIMEOUT_MS = 300_000
const CLIENTS = sized({ short: 3, long: 6 })
const LIVES = sized({ short: 6, long: 30 })
const EVENTS = sized({ short: 30_000, long: 200_000 })
/** What a later version may add: migrations only add. */
const ADDITIONS = [
  'CREATE TABLE `device` (`subject_id` integer NOT NULL, `id` text PRIMARY KEY NOT NULL, `seen_at` integer);',
  'ALTER TABLE `authenticator` ADD `transport` text;',
  "ALTER TABLE `subject` ADD `locale` text DEFAULT 'en' NOT NULL;",
  'CREATE INDEX `event_type_at` ON `event` (`type`, `at`);',
  "CREATE INDEX `authenticator_used` ON `authenticator` (`last_used_at`) WHERE state = 'active';",
]

let service: Fleet
let traffic: Traffic

beforeAll(async () => {
  service = await startFleet({ script: withCron() })
  await fillEvents(service.databaseUrl, EVENTS)
  traffic = startTraffic(service, { clients: CLIENTS })
  await traffic.more(LIVES)
}, TIMEOUT_MS)

afterAll(async () => {
  await traffic.end()
  await service.end()
})

/** Applies a later migration while clients go on. */
async function applyLater(statements: readonly string[]): Promise<number> {
  const folder = await withLaterMigration(statements)
  try {
    return await applyFolder(service.databaseUrl, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('the drill of a migration under traffic', () => {
  it('that breaks off leaves the database as it was', { timeout: TIMEOUT_MS }, async () => {
    const before = await schemaOf(service.databaseUrl)
    const broken = [...ADDITIONS, 'ALTER TABLE `nowhere` ADD `nothing` text;']
    await expect(applyLater(broken)).rejects.toThrow()
    expect(await schemaOf(service.databaseUrl)).toEqual(before)
    await traffic.more(LIVES)
    expect(traffic.wrong).toEqual([])
  })

  it('adds what it adds, while the version before answers everybody right', { timeout: TIMEOUT_MS }, async () => {
    const before = await schemaOf(service.databaseUrl)
    const known = traffic.figures()
    const tookMs = await applyLater(ADDITIONS)
    const during = traffic.figures()
    await traffic.more(LIVES)
    await service.tick()
    await traffic.end()
    expect(traffic.wrong).toEqual([])
    expect(await schemaOf(service.databaseUrl)).toMatchObject({ migrations: before.migrations + 1 })

    const rows = await readBackup(service.databaseUrl)
    const now = performance.now()
    expect(rows.integrity).toBe('ok')
    expect(looseEnds({ ...rows, subjects: rows.subjects.filter(({ sub }) => sub !== 'bulk') })).toEqual([])
    expect(contradictions(rows, { facts: traffic.facts, beganAt: now, endedAt: now })).toEqual([])
    report('a migration under traffic', {
      ...traffic.figures(),
      'rows of the largest table': EVENTS,
      'took (ms)': Math.round(tookMs),
      'requests meanwhile': during.requests - known.requests,
      'of them told to come back': during.unavailable - known.unavailable,
    })
  })

  it('is left alone by an older checkout, whose doctor says so', { timeout: TIMEOUT_MS }, async () => {
    const before = await schemaOf(service.databaseUrl)
    const env = { ...service.settings(), TURSO_DATABASE_URL: service.databaseUrl }
    expect(await runScript('db-migrate', { env })).toMatchObject({ code: 0 })
    expect(await schemaOf(service.databaseUrl)).toEqual(before)
    if (!isLong) return
    expect((await runScript('doctor', { env, args: ['--json'] })).output).toContain('migrations-unknown')
  })
})
