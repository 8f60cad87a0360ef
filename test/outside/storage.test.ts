import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { describe, expect, it } from 'vitest'
import * as schema from '../../src/store/schema.ts'
import { readDocument } from '../support/node/markdown.ts'

const TABLES = Object.values(schema).filter((value) => is(value, SQLiteTable))
const columnsOf = (table: SQLiteTable) => Object.values(getTableColumns(table)).map(({ name }) => name)

describe('docs/storage.md', async () => {
  const sections = (await readDocument('docs/storage.md')).split(/^## /m).slice(1)
  const described = new Map(sections.map((section) => [/^`(\w+)`/.exec(section)?.[1] ?? '', rowsOf(section)]))

  it('describes every table of the schema, in its order', () => {
    expect([...described.keys()]).toEqual(TABLES.map(getTableName))
  })

  it.each(TABLES.map((table) => [getTableName(table), table] as const))(
    'describes every column of %s, in its order, with who writes and who reads it',
    (name, table) => {
      const rows = described.get(name) ?? []
      expect(rows.flatMap(([first = '']) => [...first.matchAll(/`(\w+)`/g)].map(([, column]) => column))).toEqual(
        columnsOf(table),
      )
      expect(rows.filter(([, writer, reader]) => !writer || !reader)).toEqual([])
    },
  )
})

/** The cells of each row of the first table in a section. */
function rowsOf(section: string): readonly (readonly string[])[] {
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
