import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problems.ts'
import { openDatabase } from '../../src/store/client.ts'
import type { BoundStatement } from '../../src/store/statement.ts'
import { backend } from '../support/backend.ts'

function database() {
  return openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt: Date.now() + 10_000 })
}

function bound(sql: string): BoundStatement<unknown> {
  return { sql, args: [], decode: (row) => row }
}

describe('a defect of ours', () => {
  it.each([
    ['in the text of a statement', 'SELEC 1'],
    ['in the name of a column', 'SELECT planted FROM subject'],
    ['against a rule of a table', "INSERT INTO subject (issuer, sub, created_at) VALUES (NULL, NULL, 'x')"],
  ])('%s is not reported as a failure of the database, which a client would wait for', async (_, sql) => {
    await expect(database().write({ found: bound(sql) })).rejects.not.toBeInstanceOf(Problem)
    await expect(database().read({ found: bound(sql) })).rejects.not.toBeInstanceOf(Problem)
  })
})

describe('a batch', () => {
  it('is one round trip, and names the rows of each statement', async () => {
    const asked = database()
    const { one, none, two } = await asked.read({
      one: bound('SELECT 1 AS value'),
      list: [],
      none: bound('SELECT 1 AS value WHERE false'),
      two: bound('SELECT 2 AS value'),
    })
    expect([one, none, two]).toMatchObject([[{ value: 1 }], [], [{ value: 2 }]])
    expect(asked.roundTrips()).toBe(1)
  })

  it('changes nothing when one of its statements fails', async () => {
    const sub = crypto.randomUUID()
    const insert = bound(`INSERT INTO subject (issuer, sub, created_at) VALUES ('x', '${sub}', 0)`)
    await expect(database().write({ insert, broken: bound('SELECT planted FROM subject') })).rejects.toThrow()
    expect(await database().read({ found: bound(`SELECT id FROM subject WHERE sub = '${sub}'`) })).toEqual({
      found: [],
    })
  })
})
