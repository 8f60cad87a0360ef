import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EXPLANATIONS } from '../../operator/doctor/findings.ts'

describe('the fixes of the doctor', () => {
  it('name pages and headings that there are', () => {
    const fixes = Object.values(EXPLANATIONS).map(({ fix }) => fix)
    const named = [...fixes.join('\n').matchAll(/(docs\/[a-z/]+\.md), "([^"]+)"/g)]
    expect(named.length).toBeGreaterThan(3)
    for (const [, page = '', heading = ''] of named) {
      expect(readFileSync(page, 'utf8')).toMatch(new RegExp(`^#+ ${heading}$`, 'm'))
    }
  })
})
