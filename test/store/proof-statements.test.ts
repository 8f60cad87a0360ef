import type { InValue } from '@libsql/client/http'
import { describe, expect, it } from 'vitest'
import { LONGEST_WAIT_MS, waitAfter } from '../../src/core/throttle.ts'
import * as adminStatements from '../../src/store/admin-statements.ts'
import type { Statement } from '../../src/store/database.ts'
import * as proofStatements from '../../src/store/proof-statements.ts'
import { openAccount } from '../support/account.ts'
import { openDirectly, query, rowsOf, setSubject } from '../support/rows.ts'
import { rowsRead } from '../support/rows-read.ts'
import { startService } from '../support/service.ts'

const ISSUER = 'https://issuer.example'
const NOW = 1_800_000_000_000
const OTHER_SUBJECTS = 100_000
/** Far more than any one subject has, far less than there are subjects. */
const MOST_ROWS_READ = 150
const service = startService()

/** Every statement of a module, however deep in its tables, by the way to it. */
function statementsIn(value: unknown, path = ''): (readonly [string, Statement])[] {
  if (typeof value !== 'object' || value === null) return []
  if ('sql' in value && 'parameters' in value) return [[path, value as Statement]]
  return Object.entries(value).flatMap(([name, each]) => statementsIn(each, `${path}.${name}`))
}

const STATEMENTS = [...statementsIn(proofStatements, 'proof'), ...statementsIn(adminStatements, 'admin')]

/** Values for every parameter there is, for one subject. */
async function argumentsFor(sub: string): Promise<Record<string, InValue>> {
  const rows = await rowsOf(sub)
  const id = String(rows.authenticator[0]?.['id'])
  return {
    ...{ issuer: ISSUER, sub, won: String(rows.subject[0]?.['claim']), now: NOW, eventNumbers: 1 },
    ...{ matches: JSON.stringify([{ id, step: 99_999_999_999 }]), keyIds: '["k1"]', events: '[]', backupCodes: '[]' },
    ...{ hashes: JSON.stringify([rows.backup_code[0]?.['hash']]), authenticatorId: id, lowEventId: 'low' },
    ...{ name: 'x', sealed: 'x', keyId: 'k1', algorithm: 'SHA1', digits: 6, stepSeconds: 30, expiresAt: NOW },
    ...{
      requestId: 'r',
      country: null,
      eventId: 'e',
      eventType: 't',
      administrator: 'a',
      reason: 'r',
      unlockedBefore: 0,
    },
  }
}

/** The named arguments that a statement takes; one that is missing fails the test. */
function pick({ parameters }: Statement, args: Record<string, InValue>): Record<string, InValue> {
  return Object.fromEntries(
    parameters.map((name) => {
      const value = args[name]
      if (value === undefined) throw new Error(`no value for :${name}`)
      return [name, value]
    }),
  )
}

/** Loads subjects in portions, so that nobody who writes beside it waits for long. */
async function loadOtherSubjects(count: number): Promise<void> {
  const portion = 10_000
  for (let from = 0; from < count; from += portion) {
    await query(
      `WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
       INSERT OR IGNORE INTO subject (issuer, sub, created_at) SELECT ?, 'loaded-' || CAST(i AS INTEGER), 0 FROM n`,
      ...[from, from + portion, ISSUER],
    )
  }
}

describe('the statements of proofs and of administration', () => {
  it('are all found', () => {
    expect(STATEMENTS.length).toBeGreaterThan(30)
  })

  it.each(STATEMENTS)('%s scans no table', async (_, statement) => {
    const { sub } = await openAccount(service)
    const args = pick(statement, await argumentsFor(sub))
    const { rows } = await openDirectly().execute({ sql: `EXPLAIN QUERY PLAN ${statement.sql}`, args })
    const steps = rows.map((row) => String(row['detail']))
    const scans = steps.filter((step) => step.startsWith('SCAN') && !step.includes('VIRTUAL TABLE'))
    expect(scans.filter((step) => step !== 'SCAN CONSTANT ROW')).toEqual([])
    expect(steps.join()).not.toContain('AUTOMATIC')
  })

  it('read as little beside 100,000 other subjects', async () => {
    const { sub } = await openAccount(service)
    const args = await argumentsFor(sub)
    await setSubject(sub, 'event_sequence = 50')
    await loadOtherSubjects(OTHER_SUBJECTS)
    const loaded = await query("SELECT count(*) AS many FROM subject WHERE sub LIKE 'loaded-%'")
    expect(loaded[0]?.['many']).toBe(OTHER_SUBJECTS)
    for (const [name, statement] of STATEMENTS) {
      const fresh = statement.sql.includes('INSERT INTO authenticator') && { authenticatorId: crypto.randomUUID() }
      const read = await rowsRead(statement, pick(statement, { ...args, ...fresh }))
      expect({ name, many: read > MOST_ROWS_READ }).toEqual({ name, many: false })
    }
    expect(await rowsRead({ sql: 'SELECT count(claim) FROM subject', parameters: [] }, {})).toBeGreaterThan(
      MOST_ROWS_READ,
    )
  })
})

describe('charge', () => {
  it('starts the waits that core names, for every failure to the hundredth (SP 800-63B-4 §3.2.2)', async () => {
    const { sub } = await openAccount(service)
    const args = pick(proofStatements.charge.challenge, await argumentsFor(sub))
    const numbers = Array.from({ length: 100 }, (_, index) => index + 1)
    const results = await openDirectly().batch(
      numbers.flatMap((n) => [
        { sql: 'UPDATE subject SET failures = ?, retry_at = NULL WHERE sub = ?', args: [n - 1, sub] },
        { sql: proofStatements.charge.challenge.sql, args: { ...args, now: BigInt(NOW) } },
        { sql: 'SELECT failures, retry_at FROM subject WHERE sub = ?', args: [sub] },
      ]),
      'write',
    )
    const stored = results.flatMap(({ rows }) => rows).filter((row) => row['failures'] !== undefined)
    const expected = numbers.map((n) => ({ failures: n, retry_at: waitAfter(n) === 0 ? null : NOW + waitAfter(n) }))
    expect(stored.map((row) => ({ failures: row['failures'], retry_at: row['retry_at'] }))).toEqual(expected)
  })

  it.each(Object.entries(proofStatements.charge))(
    'charges nothing for %s while a wait or the block stands',
    async (kind, statement) => {
      const { sub } = await openAccount(service)
      const args = pick(statement, await argumentsFor(sub))
      for (const throttle of [`failures = 100, retry_at = NULL`, `failures = 7, retry_at = ${NOW + 1}`]) {
        await query(`UPDATE subject SET ${throttle} WHERE sub = ?`, sub)
        const { rows } = await openDirectly().execute({ sql: statement.sql, args: { ...args, now: BigInt(NOW) } })
        expect([kind, rows]).toEqual([kind, []])
      }
    },
  )

  it('cuts a stored wait to the longest one, and leaves a shorter one alone', async () => {
    const { sub } = await openAccount(service)
    const args = pick(proofStatements.clampWait, await argumentsFor(sub))
    const clamped = async (retryAt: number) => {
      await query('UPDATE subject SET retry_at = CAST(? AS INTEGER) WHERE sub = ?', retryAt, sub)
      await openDirectly().execute({ sql: proofStatements.clampWait.sql, args: { ...args, now: BigInt(NOW) } })
      return (await rowsOf(sub)).subject[0]?.['retry_at']
    }
    expect(await clamped(NOW + 86_400_000)).toBe(NOW + LONGEST_WAIT_MS)
    expect(await clamped(NOW + 30_000)).toBe(NOW + 30_000)
    expect(await clamped(NOW - 30_000)).toBe(NOW - 30_000)
  })
})
