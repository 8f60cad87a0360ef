import { describe, expect, it } from 'vitest'
import { useOwnDatabase } from '../support/backend.ts'
import { query } from '../support/rows.ts'
import { openStore, rowsRead } from '../support/statements.ts'

const SUBJECTS = 10_000
/** Of twenty subjects with ten codes each, some steps into each index: far less than there are codes. */
const LIMIT = 20
const MOST_ROWS_READ = 3_000
const NOW = 1_800_000_000_000
const RUN = { keyId: 'gone', limit: LIMIT, now: NOW, settledBefore: 1, requestId: 'request' }

await useOwnDatabase()

async function loadSubjects(issuer: string, count: number): Promise<void> {
  await query(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO subject (issuer, sub, created_at) SELECT ?, 'loaded-' || CAST(i AS INTEGER), 0 FROM n`,
    ...[count, issuer],
  )
}

/** Ten codes each, the first of everybody, then the second of everybody, and so on: as mixed as they can lie. */
async function loadCodes(issuer: string): Promise<void> {
  await query(
    `INSERT INTO backup_code (subject_id, hash, key_id, created_at)
     SELECT subject.id, 'code-' || digit.value, 'gone', 0 FROM json_each('[0,1,2,3,4,5,6,7,8,9]') AS digit
       CROSS JOIN subject WHERE subject.issuer = ?`,
    issuer,
  )
}

describe('voiding backup codes', () => {
  it('tells each owner once, so many in a run, however the codes lie', async () => {
    await loadSubjects('mixed', 45)
    await loadCodes('mixed')
    const told: number[] = []
    for (let run = 0; run < 4; run += 1)
      told.push(await openStore({ onQueued: () => undefined }).store.voidBackupCodes(RUN))
    expect(told).toEqual([20, 20, 5, 0])
    const events = await query(
      `SELECT count(*) AS events, count(DISTINCT subject_id) AS subjects FROM event WHERE type = 'backup_codes.void'`,
    )
    expect(events[0]).toMatchObject({ events: 45, subjects: 45 })
    expect(await query('SELECT 1 FROM backup_code WHERE voided_at IS NULL')).toEqual([])
  })

  it('reads as little beside 100,000 codes of the same key', async () => {
    await loadSubjects('many', SUBJECTS)
    await loadCodes('many')
    const { store, sent } = openStore({ onQueued: () => undefined })
    await store.voidBackupCodes(RUN)
    expect(sent).toHaveLength(4)
    for (const [index, statement] of sent.entries()) {
      const read = await rowsRead(statement)
      expect({ index, many: read > MOST_ROWS_READ }).toEqual({ index, many: false })
    }
  })
})
