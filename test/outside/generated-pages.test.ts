import { describe, expect, it } from 'vitest'
import { OPERATIONS } from '../../openapi/operations.ts'
import { PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { generatedFiles } from '../../scripts/docs/files.ts'
import { prose } from '../../scripts/docs/text.ts'

const files = await generatedFiles()
const pages = Object.entries(files).filter(([path]) => path === 'public/docs.html' || path.includes('/problems/'))

/** The file that the Worker answers at an address of its own. */
function fileAt(pathname: string): string {
  if (pathname === '/docs') return 'public/docs.html'
  return pathname.startsWith('/problems/') ? `public${pathname}.html` : `public${pathname}`
}

function idsOf(page: string): readonly string[] {
  return [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)
}

describe('the generated pages', () => {
  it.each(PROBLEM_CODES)('have one for the problem %s, with a link back', (code) => {
    expect(files[`public/problems/${code}.html`]).toContain('href="/docs#problems"')
  })

  it('describe each operation under its name', () => {
    const ids = idsOf(files['public/docs.html'] ?? '')
    expect(ids).toEqual(expect.arrayContaining(OPERATIONS.map(({ id }) => id)))
  })

  it.each(pages)('lead nowhere that is not there, in %s', (path, page) => {
    const addresses = [...page.matchAll(/ (?:href|src)="([^"]+)"/g)].map(([, address = '']) => address)
    expect(addresses.length).toBeGreaterThan(5)
    for (const address of addresses) {
      const { origin, pathname, hash } = new URL(address, 'http://here.invalid')
      expect(origin, address).toBe('http://here.invalid')
      const target = address.startsWith('#') ? page : files[fileAt(pathname)]
      expect(target, address).toBeDefined()
      if (hash) expect(idsOf(target ?? ''), `${address} in ${path}`).toContain(hash.slice(1))
    }
  })

  it.each(pages)('need no script and hold no style of their own, in %s', (_, page) => {
    expect(page).not.toMatch(/<script|<style| style=| on[a-z]+=|javascript:/)
  })

  it.each(pages)('use each anchor once and their headings in order, in %s', (_, page) => {
    const ids = idsOf(page)
    expect(new Set(ids).size).toBe(ids.length)
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level))
    expect(levels[0]).toBe(1)
    for (const [index, level] of levels.entries()) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1)
  })

  it('load nothing by their style', () => {
    expect(files['public/assets/style.css']).not.toMatch(/url\(|@import/)
  })

  it('are the same whenever they are made', async () => {
    expect(await generatedFiles()).toEqual(files)
  })
})

describe('prose', () => {
  it('marks code and what is strong, and escapes the rest', () => {
    expect(prose('a `b<c` and **d**').map(String)).toEqual([
      'a ',
      '<code>b&lt;c</code>',
      ' and ',
      '<strong>d</strong>',
      '',
    ])
  })
})
