import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { chart } from '../../bench/lib/chart.ts'
import { performanceTables } from '../../bench/lib/markdown.ts'
import type { Results } from '../../bench/lib/results.ts'
import { replaceMarked } from '../../scripts/lib/markers.ts'

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

it('shows in the document and in the chart what the last run has measured', async () => {
  const results: Results = JSON.parse(await read('bench/results.json'))
  const path = 'docs/performance.md'
  const text = await read(path)
  for (const [name, content] of Object.entries(performanceTables(results))) {
    expect(replaceMarked(text, { path, name, content }), name).toBe(text)
  }
  expect(await read('docs/images/performance.svg')).toBe(chart(results))
})
