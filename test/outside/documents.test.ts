import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { STEP_UP_ERRORS } from '../../packages/verify/src/errors.ts'
import { SETTINGS } from '../../scripts/docs/settings.ts'
import { ROOT } from '../../scripts/lib/tool.ts'
import { loadConfig } from '../../src/config.ts'
import { anchorsIn, codeIn, documents, linksIn, readDocument } from '../support/node/markdown.ts'

const PATHS = await documents()
/** A path of the repository that names one file or folder. */
const PATH = /^(?:src|openapi|operator|test|torture|scripts|docs|packages|page|drizzle|bench)\/[\w./-]*$/

describe.each(PATHS)('%s', (path) => {
  it('links to files and headings that there are', async () => {
    const links = linksIn(await readDocument(path)).filter((link) => !/^[a-z]+:/.test(link))
    const checked = await Promise.all(links.map(async (link) => ((await resolves(path, link)) ? [] : [link])))
    expect(checked.flat()).toEqual([])
  })

  it('names files that there are', async () => {
    const named = codeIn(await readDocument(path)).filter((code) => PATH.test(code))
    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([])
  })

  it('names commands that there are', async () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      await readFile(join(ROOT, 'package.json'), 'utf8'),
    )
    const text = await readDocument(path)
    const named = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].flatMap(([, name]) => name ?? [])
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})

describe('the table of settings', () => {
  it('calls a setting needed where the service says that it is missing', () => {
    const loaded = loadConfig({})
    const faults = loaded.ok ? [] : loaded.failure
    const missing = faults.filter(({ message }) => message.startsWith('is missing')).map(({ name }) => name)
    const needed = Object.entries(SETTINGS).filter(([, { needed: says }]) => says.startsWith('yes'))
    expect(needed.map(([name]) => name).sort()).toEqual(missing.sort())
  })
})

describe('the table of the errors of the verifier', () => {
  it('has each code with its status and sentence', async () => {
    const rows = Object.entries(STEP_UP_ERRORS).map(
      ([code, { status, message }]) => `| \`${code}\` | ${status} | ${message} |`,
    )
    const text = await readDocument('docs/enforce.md')
    expect(text.split('\n').filter((line) => /^\| `[a-z-]+` \| \d+ \|/.test(line))).toEqual(rows)
  })
})

async function resolves(from: string, link: string): Promise<boolean> {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? from : normalize(join(dirname(from), path))
  if (!existsSync(join(ROOT, target))) return false
  return anchor === undefined || anchorsIn(await readDocument(target)).has(anchor)
}
