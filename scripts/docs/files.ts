import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { ROOT } from '../lib/tool.ts'
import { type Contract, contractText } from './contract.ts'
import { pictureFiles } from './picture.ts'
import { problemPage } from './problem-page.ts'
import { readmeFiles } from './readme.ts'
import { referencePage } from './reference.ts'

/** Content by the file's path in the repository. */
export type Files = Readonly<Record<string, string>>

/** Where the files lie that the Worker serves. */
const PUBLIC = 'public'
const ASSETS = join(ROOT, 'scripts', 'docs', 'assets')

/** What `npm run build:elements` makes and checks by itself. */
const ELEMENTS = /^public\/(elements|page)\//

/** All that makes files; whatever else lies in `public/` and comes from none of them is a fault. */
const GENERATORS: readonly (() => Promise<Files>)[] = [contractFiles, assetFiles, readmeFiles, pictureFiles]

/** Every generated file as it should be now. */
export async function generatedFiles(): Promise<Files> {
  const parts = await Promise.all(GENERATORS.map((generate) => generate()))
  return Object.assign({}, ...parts)
}

/** What is wrong with the committed files, one line each; nothing when they are up to date. */
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

/** The contract, as a document and as pages. */
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

/** What the pages load, as it is written. */
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
