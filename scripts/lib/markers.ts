import { CliError } from '../../operator/cli-error.ts'

/** What stands between `<!-- name -->` and `<!-- /name -->` of a document; `path` names it in a complaint. */
export function replaceMarked(
  text: string,
  block: { readonly path: string; readonly name: string; readonly content: string },
): string {
  const { path, name, content } = block
  const [before, rest, ...more] = text.split(`<!-- ${name} -->\n`)
  const [, after] = rest?.split(`<!-- /${name} -->`) ?? []
  if (before === undefined || after === undefined || more.length > 0)
    throw new CliError(`${path} needs one pair of markers <!-- ${name} --> and <!-- /${name} -->.`)
  return `${before}<!-- ${name} -->\n${content}<!-- /${name} -->${after}`
}
