import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

describe('the cures of the doctor', () => {
  it('name pages and headings that there are', () => {
    const cures = readFileSync('scripts/doctor/findings.ts', 'utf8')
    const named = [...cures.matchAll(/(docs\/[a-z/]+\.md), "([^"]+)"/g)]
    expect(named.length).toBeGreaterThan(3)
    for (const [, page = '', heading = ''] of named) {
      expect(readFileSync(page, 'utf8')).toMatch(new RegExp(`^#+ ${heading}$`, 'm'))
    }
  })
})
