import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/core/problems.ts'
import { openDatabase, statement } from '../../src/store/database.ts'
import { backend } from '../support/backend.ts'

function database() {
  return openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt: Date.now() + 10_000 })
}

describe('a mistake of ours', () => {
  it.each([
    ['in the text of a statement', 'SELEC 1'],
    ['in the name of a column', 'SELECT planted FROM subject'],
    ['against a rule of a table', "INSERT INTO subject (issuer, sub, created_at) VALUES (NULL, NULL, 'x')"],
  ])('%s is not told as an outage of the database, which would be waited for', async (_, sql) => {
    await expect(database().write([statement(sql)], {})).rejects.not.toBeInstanceOf(Problem)
    await expect(database().read([statement(sql)], {})).rejects.not.toBeInstanceOf(Problem)
  })

  it('such as an argument that is missing is found before anything is sent', async () => {
    const asked = database()
    await expect(asked.read([statement('SELECT :planted')], {})).rejects.toThrow('no argument for :planted')
    expect(asked.roundTrips()).toBe(0)
  })
})
