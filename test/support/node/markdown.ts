import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/lib/tool.ts'

/** A fenced block: `mark` is what stands after its language. */
export type Block = { readonly language: string; readonly mark: string; readonly text: string }

/** The paths of all documents that people read. */
export async function documents(): Promise<readonly string[]> {
  const inDocs = await readdir(join(ROOT, 'docs'), { recursive: true })
  const names = [...(await readdir(ROOT)), ...inDocs.map((name) => `docs/${name}`)]
  return names.filter((name) => name.endsWith('.md')).sort()
}

/** A document by its path in the repository. */
export function readDocument(path: string): Promise<string> {
  return readFile(join(ROOT, path), 'utf8')
}

/** The fenced blocks of a document. */
export function blocksIn(text: string): readonly Block[] {
  const matches = text.matchAll(/^```(\w+)(?: ([^\n]+))?\n(.*?)^```$/gms)
  return [...matches].map(([, language = '', mark = '', block = '']) => ({ language, mark, text: block }))
}

/** A document without its fenced blocks. */
export function proseOf(text: string): string {
  return text.replace(/^ *```.*?^ *```$/gms, '')
}

/** Where the links of a document lead. */
export function linksIn(text: string): readonly string[] {
  const links = proseOf(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)
  return [...links].flatMap(([, inText, inTag]) => inText ?? inTag ?? [])
}

/** The anchors of a document's headings, as GitHub makes them; headings of one text get numbers. */
export function anchorsIn(text: string): ReadonlySet<string> {
  const headings = [...proseOf(text).matchAll(/^#+ (.+)$/gm)].flatMap(([, heading]) => heading ?? [])
  const seen = new Map<string, number>()
  return new Set(
    headings.map((heading) => {
      const anchor = heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
        .replaceAll(' ', '-')
      const times = seen.get(anchor) ?? 0
      seen.set(anchor, times + 1)
      return times === 0 ? anchor : `${anchor}-${times}`
    }),
  )
}

/** What stands between backticks in a document. */
export function codeIn(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? [])
}
