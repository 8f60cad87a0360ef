import { createClient } from '@libsql/client/http'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { integer } from '../../src/store/rows.ts'
import { authenticator, subject } from '../../src/store/schema.ts'
import { type Arg, type BoundStatement, db, statement } from '../../src/store/statement.ts'
import { backend } from '../support/backend.ts'

type Args = { readonly sub: string; readonly now: number; readonly country: string | null }

/** The decoded rows that the database returns for a statement. */
async function run<Row>({ sql: text, args, decode }: BoundStatement<Row>): Promise<readonly Row[]> {
  const { rows } = await createClient({ url: backend.databaseUrl }).execute({ sql: text, args })
  return rows.map(decode)
}

describe('statement', () => {
  it('is built once, at its first use', () => {
    let built = 0
    const define = statement((arg: Arg<{ sub: string }>) => {
      built += 1
      return db
        .select({ id: subject.id })
        .from(subject)
        .where(eq(subject.sub, arg('sub')))
    })
    expect(built).toBe(0)
    expect([define({ sub: 'a' }).args, define({ sub: 'b' }).args]).toEqual([['a'], ['b']])
    expect(built).toBe(1)
  })

  it('binds arguments alone: integers as integers, constants in the text', () => {
    const define = statement((arg: Arg<Args>) =>
      db
        .update(authenticator)
        .set({ name: 'x', lastUsedAt: sql`${arg('now')}`, sealed: sql`${arg('country')}` })
        .where(eq(authenticator.state, 'active')),
    )
    const { sql: text, args } = define({ sub: 'a', now: 7, country: null })
    expect(text).toBe(
      `update "authenticator" set "name" = 'x', "sealed" = ?, "last_used_at" = ? where "authenticator"."state" = 'active'`,
    )
    expect(args).toEqual([null, 7n])
  })

  it('refuses an argument that is missing', () => {
    const define = statement((arg: Arg<Args>) => sql`SELECT ${arg('now')}`)
    expect(() => define(Object.create(null))).toThrow('now')
  })

  it('decodes the rows of selects and of returning clauses by name', async () => {
    const select = statement((arg: Arg<{ now: number }>) =>
      db.select({ later: integer(sql`${arg('now')} + 1`) }).from(sql`(SELECT 1)`),
    )
    expect(await run(select({ now: 41 }))).toEqual([{ later: 42 }])
    const insert = statement((arg: Arg<{ sub: string }>) =>
      db
        .insert(subject)
        .values({ issuer: 'x', sub: arg('sub'), createdAt: 5 })
        .returning({ at: subject.createdAt, enabledAt: subject.enabledAt }),
    )
    expect(await run(insert({ sub: crypto.randomUUID() }))).toEqual([{ at: 5, enabledAt: null }])
  })

  it('refuses a selected template without a decoder', async () => {
    const define = statement(() => db.select({ one: sql`1` }).from(sql`(SELECT 1)`))
    await expect(run(define({}))).rejects.toThrow('decoder')
  })
})
