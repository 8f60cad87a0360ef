import { describe, expect, inject, it } from 'vitest'
import { MAX_AUTHENTICATORS, PENDING_ATTEMPTS, PENDING_MS } from '../../src/core/enrollment.ts'
import { REPEAT_ATTEMPTS, REPEAT_MS } from '../../src/core/repeat.ts'
import { waitAfter } from '../../src/core/throttle.ts'
import * as adminStatements from '../../src/store/admin-statements.ts'
import { openDatabase, type Statement } from '../../src/store/database.ts'
import * as jobStatements from '../../src/store/job-statements.ts'
import * as proofStatements from '../../src/store/proof-statements.ts'
import * as statements from '../../src/store/statements.ts'
import { createStore } from '../../src/store/store.ts'
import { enroll } from '../support/life.ts'
import { openDirectly, setSubject } from '../support/rows.ts'
import { newUser, startService } from '../support/service.ts'

const database = openDirectly()

function isStatement(value: object): value is Statement {
  return 'sql' in value && 'parameters' in value
}

/** All statements that a module exports, by name, also those in tables. */
function statementsIn(exported: object, prefix = ''): readonly (readonly [string, Statement])[] {
  return Object.entries(exported).flatMap(([name, value]): readonly (readonly [string, Statement])[] => {
    if (typeof value !== 'object' || value === null) return []
    return isStatement(value) ? [[prefix + name, value]] : statementsIn(value, `${prefix}${name}.`)
  })
}

const ALL = [statements, proofStatements, adminStatements, jobStatements].flatMap((each) => statementsIn(each))

/** The steps of a statement's plan; preparing it also holds it against the migrated tables. */
async function planOf({ sql, parameters }: Statement): Promise<readonly string[]> {
  const args = Object.fromEntries(parameters.map((name) => [name, null]))
  const { rows } = await database.execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args })
  return rows.map(({ detail }) => String(detail))
}

/** Rows that a JSON argument brings, the one row of a subquery, and the few key ids found so far, are no table. */
const HARMLESS_SCAN = /VIRTUAL TABLE|CONSTANT ROW|^SCAN \(|^SCAN used$/

describe('every statement', () => {
  it('is looked at', () => {
    expect(statementsIn(statements).length).toBeGreaterThanOrEqual(20)
    expect(statementsIn(proofStatements).length).toBeGreaterThanOrEqual(20)
  })

  it.each(ALL)('%s finds its rows by a key', async (_, statement) => {
    const plan = await planOf(statement)
    expect(plan.filter((step) => step.startsWith('SCAN') && !HARMLESS_SCAN.test(step))).toEqual([])
    expect(plan.filter((step) => /AUTOMATIC/.test(step))).toEqual([])
    const searched = plan.filter((step) => step.startsWith('SEARCH'))
    expect(searched.filter((step) => !/USING .*(INDEX|PRIMARY KEY)|VIRTUAL TABLE/.test(step))).toEqual([])
    if (/FROM (subject|authenticator|backup_code|event|verify_repeat)\b/.test(statement.sql)) {
      expect(searched).not.toEqual([])
    }
  })

  it('is found out when it walks through a table', async () => {
    const plan = await planOf({ sql: 'SELECT * FROM authenticator WHERE name = :name', parameters: ['name'] })
    expect(plan.filter((step) => step.startsWith('SCAN') && !HARMLESS_SCAN.test(step))).toHaveLength(1)
  })

  it.each(ALL)('%s names its parameters once and holds no value', (_, { sql, parameters }) => {
    expect(new Set(parameters).size).toBe(parameters.length)
    for (const name of parameters) expect(sql).toContain(`:${name}`)
    expect(sql).not.toContain('undefined')
  })
})

describe('the limits of the contract', () => {
  it('are those of core', () => {
    expect({ PENDING_ATTEMPTS, PENDING_MS, REPEAT_ATTEMPTS, REPEAT_MS, MAX_AUTHENTICATORS }).toEqual({
      PENDING_ATTEMPTS: 10,
      PENDING_MS: 600_000,
      REPEAT_ATTEMPTS: 5,
      REPEAT_MS: 120_000,
      MAX_AUTHENTICATORS: 5,
    })
  })

  it.each([
    ['chargePending', statements.chargePending, /json_array_length\(attempts\) < 10\b/],
    ['readPending', statements.readPending, /json_array_length\(attempts\) < 10\b/],
    ['readEnrollment', statements.readEnrollment, /json_array_length\(pending\.attempts\) >= 10\b/],
    ['dropStaleRepeat', statements.dropStaleRepeat, /attempts >= 5\b/],
    ['readRepeat', statements.readRepeat, /attempts < 5\b/],
  ])('stand in %s', (_, { sql }, limit) => {
    expect(sql).toMatch(limit)
  })

  it('leave room for one first authenticator and for four further ones', () => {
    expect(statements.ROOM).toEqual({ first: { fewest: 0, most: 0 }, further: { fewest: 1, most: 4 } })
  })

  it('make the throttle wait in SQL as long as core says, for every number of failures', async () => {
    const { sub, token } = await newUser()
    await enroll(startService(), token)
    const subject = { issuer: 'https://issuer.example', sub }
    const now = Date.now()
    const waits: number[] = []
    for (let failures = 0; failures < 100; failures += 1) {
      await setSubject(sub, `failures = ${failures}, retry_at = NULL`)
      const options = { url: inject('databaseUrl'), authToken: undefined, deadlineAt: Date.now() + 4_000 }
      const store = createStore(openDatabase(options), { outbox: false })
      const snapshot = await store.chargeProof(subject, { operation: { kind: 'challenge' }, now })
      expect(snapshot).toMatchObject({ charged: true, failures: failures + 1 })
      waits.push((snapshot.retryAt ?? now) - now)
    }
    expect(waits).toEqual(Array.from({ length: 100 }, (_, index) => waitAfter(index + 1)))
    expect(waits.slice(3, 7)).toEqual([0, 30_000, 60_000, 120_000])
    expect(Math.max(...waits)).toBe(3_600_000)
  })
})
