import { describe, expect, it } from 'vitest'
import { outboxStore } from '../../operator/store/outbox.ts'
import { openDatabase } from '../../src/store/client.ts'
import { backend, useOwnDatabase } from '../support/backend.ts'
import { enroll } from '../support/life.ts'
import { query } from '../support/rows.ts'
import { newUser, startService } from '../support/service.ts'

await useOwnDatabase()

function outbox() {
  return outboxStore(openDatabase({ url: backend.databaseUrl, authToken: undefined, deadlineAt: Date.now() + 30_000 }))
}

describe('the outbox', () => {
  it('lists dead letters first, and makes one or all due again', async () => {
    const { sub, token } = await newUser()
    await enroll(startService(), token)
    const [row] = await query('SELECT id FROM subject WHERE sub = ?', sub)
    const insert = `INSERT INTO outbox (event_id, subject_id, sequence, created_at, next_at, attempts) VALUES (?, ?, 1, 5, ?, 9)`
    await query(insert, 'alive', Number(row?.['id']), 7)
    await query(insert, 'dead', Number(row?.['id']), null)
    await query('INSERT INTO webhook_pause (id, paused_at) VALUES (1, 42)')
    const { waiting, pausedAt } = await outbox().listOutbox(10)
    expect(waiting.map(({ eventId, nextAt }) => [eventId, nextAt])).toEqual([
      ['dead', null],
      ['alive', 7],
    ])
    expect(pausedAt).toBe(42)
    await outbox().retryDeliveries({ now: 1000, eventId: 'dead' })
    const after = await outbox().listOutbox(10)
    expect(after.pausedAt).toBeNull()
    expect(after.waiting.find(({ eventId }) => eventId === 'dead')).toMatchObject({ nextAt: 1000, attempts: 0 })
    await outbox().retryDeliveries({ now: 2000, eventId: undefined })
    expect((await outbox().listOutbox(10)).waiting.map(({ nextAt }) => nextAt)).toEqual([2000, 2000])
  })
})
