import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../scripts/lib/tool.ts'
import { readDocument } from '../support/node/markdown.ts'
import { means, type NamedTest, namedTests, titlesOf } from '../support/node/named-tests.ts'

/** A row that rests on no test says so. */
const NONE = '—'

describe.each(['SECURITY.md', 'docs/architecture.md', 'docs/conformance.md'])('%s', async (path) => {
  const rows = rowsWithTests(await readDocument(path))

  it('has a test beside each row, or says that there is none', () => {
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.filter(({ tests }) => tests !== NONE && namedTests(tests).length === 0)).toEqual([])
  })

  it('names tests that there are', () => {
    const named = rows.flatMap(({ tests }) => namedTests(tests))
    expect(named.filter((test) => !exists(test))).toEqual([])
  })
})

describe('the reader of these names', () => {
  const SOURCE = "describe('group', () => {\n  it.each(CASES)(\n    'refuses %s; it\\'s void',\n    () => 1)\n})"

  it('reads several titles of several files', () => {
    expect(namedTests('`a.test.ts`: one; two …. `test/b/c.test.ts`: three')).toEqual([
      { file: 'a.test.ts', title: 'one' },
      { file: 'a.test.ts', title: 'two …' },
      { file: 'b/c.test.ts', title: 'three' },
    ])
  })

  it('finds the titles of tests and of groups', () => {
    expect(titlesOf(SOURCE)).toEqual(['group', "refuses %s; it's void"])
  })

  it('takes a title whole, but for what is left out by name', () => {
    expect(means('refuses %s', 'refuses %s')).toBe(true)
    expect(means('refuses …', 'refuses %s (RFC 8725)')).toBe(true)
    expect(means('refuses', 'refuses %s')).toBe(false)
    expect(means('', '')).toBe(false)
  })
})

/** The last cells of the rows in tables whose last column is of tests. */
function rowsWithTests(text: string): readonly { readonly row: string; readonly tests: string }[] {
  return text.split('\n\n').flatMap((block) => {
    const [head, , ...rows] = block.split('\n').filter((line) => line.startsWith('|'))
    if (!/\| tests? \|$/.test(head ?? '')) return []
    return rows.map((row) => ({
      row: row.slice(2, 80),
      tests:
        row
          .split(/(?<!\\)\|/)
          .at(-2)
          ?.trim() ?? '',
    }))
  })
}

function exists({ file, title }: NamedTest): boolean {
  const path = join(ROOT, file.startsWith('torture/') ? '.' : 'test', file)
  return existsSync(path) && titlesOf(readFileSync(path, 'utf8')).some((found) => means(title, found))
}
