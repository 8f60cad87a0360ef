import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { ROOT } from '../lib/tool.ts'
import { type Contract, contractText } from './contract.ts'
import { pictureFiles } from './picture.ts'
import { problemPage } from './problem-page.ts'
import { readmeFiles } from './readme.ts'
import { referencePage } from './reference.ts'

/** The content of files by their path in the repository. */
export type Files = Readonly<Record<string, string>>

/** The folder of the files that the Worker serves. */
const PUBLIC = 'public'
const ASSETS = join(ROOT, 'scripts', 'docs', 'assets')

/** Written by `npm run build:elements`, which also checks them. */
const ELEMENTS = /^public\/(elements|page)\//

/** The generators. A file in `public/` that none of them writes is an error. */
const GENERATORS: readonly (() => Promise<Files>)[] = [contractFiles, assetFiles, readmeFiles, pictureFiles]

/** Returns every generated file with its up-to-date content. */
export async function generatedFiles(): Promise<Files> {
  const parts = await Promise.all(GENERATORS.map((generate) => generate()))
  return Object.assign({}, ...parts)
}

/** Returns one line for each committed file that is out of date. */
export async function staleFiles(): Promise<readonly string[]> {
  const files = await generatedFiles()
  const compared = Object.entries(files).map(async ([path, content]) => {
    const found = await readFile(join(ROOT, path), 'utf8').catch(() => undefined)
    if (found === undefined) return [`${path} is missing`]
    return found === content ? [] : [`${path} is stale`]
  })
  const surplus = (await publicFiles())
    .filter((path) => !(path in files || ELEMENTS.test(path)))
    .map((path) => `nothing makes ${path}`)
  return [...(await Promise.all(compared)).flat(), ...surplus]
}

/** The OpenAPI document and its pages. */
async function contractFiles(): Promise<Files> {
  const text = contractText(await packageVersion())
  const contract: Contract = JSON.parse(text)
  const problems = PROBLEM_CODES.map(async (code) => [
    `${PUBLIC}/problems/${code}.html`,
    await problemPage(contract, code),
  ])
  return {
    'docs/openapi.json': text,
    [`${PUBLIC}/openapi.json`]: text,
    [`${PUBLIC}/docs.html`]: await referencePage(contract),
    ...Object.fromEntries(await Promise.all(problems)),
  }
}

/** The assets of the pages, copied unchanged. */
async function assetFiles(): Promise<Files> {
  const names = await readdir(ASSETS)
  const contents = names.map(async (name) => [`${PUBLIC}/assets/${name}`, await readFile(join(ASSETS, name), 'utf8')])
  return Object.fromEntries(await Promise.all(contents))
}

async function publicFiles(): Promise<readonly string[]> {
  const entries = await readdir(join(ROOT, PUBLIC), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)))
}

async function packageVersion(): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  return version
}
