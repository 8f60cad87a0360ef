/** What a document names: a test by its file, in `test/` unless it is in `torture/`, and its title, in which `…` stands for any text. */
export type NamedTest = { readonly file: string; readonly title: string }

const FILE = /`(?:test\/)?([\w./-]+\.test\.ts)`/
const TITLE_AND_COMMA = /\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1\s*,/gs

/** The tests that a cell of a table names: a file, a colon, titles between semicolons, and on to the next file. */
export function namedTests(cell: string): readonly NamedTest[] {
  const [, ...parts] = cell.split(FILE)
  return parts.flatMap((file, index) => (index % 2 === 0 ? titlesIn(parts[index + 1] ?? '', file) : []))
}

function titlesIn(text: string, file: string): readonly NamedTest[] {
  const titles = text.replace(/^: /, '').trim().replace(/\.$/, '').split('; ')
  return titles.map((title) => ({ file, title }))
}

/** The titles in the source of a test file, those of its groups too, as they are written there. */
export function titlesOf(source: string): readonly string[] {
  return [...source.matchAll(TITLE_AND_COMMA)].map(([, , title = '']) => title.replaceAll(/\\(.)/g, '$1'))
}

/** Whether a name means a title. */
export function means(named: string, title: string): boolean {
  const parts = named.split(/\s*…\s*/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return named !== '' && new RegExp(`^${parts.join('.*')}$`, 's').test(title)
}
