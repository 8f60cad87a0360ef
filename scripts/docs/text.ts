import { html } from 'hono/html'

/** A fragment of HTML. Interpolated values are escaped. */
export type Html = ReturnType<typeof html>

/** Returns text as HTML, with `code` between backticks and **strong** between asterisks. */
export function prose(text: string): readonly (Html | string)[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (/^`.+`$/.test(part)) return html`<code>${part.slice(1, -1)}</code>`
    if (/^\*\*.+\*\*$/.test(part)) return html`<strong>${part.slice(2, -2)}</strong>`
    return part
  })
}

/** Returns the fragments with a separator between them. */
export function joined(pieces: readonly (Html | string)[], separator: string): readonly (Html | string)[] {
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [separator, piece]))
}

const TOKEN = /("(?:[^"\\]|\\.)*"(?=\s*:))|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?|true|false|null)/g

/** Returns a value as JSON with syntax highlighting. */
export function json(value: unknown): readonly (Html | string)[] {
  const text = JSON.stringify(value, null, 2)
  const matches = [...text.matchAll(TOKEN)]
  const ends = [0, ...matches.map(({ index, 0: token }) => index + token.length)]
  const marked = matches.flatMap((match, at) => [text.slice(ends[at], match.index), token(match)])
  return [...marked, text.slice(ends.at(-1))]
}

function token([text, key, string]: RegExpMatchArray): Html {
  if (key !== undefined) return html`<span class="k">${text}</span>`
  return string !== undefined ? html`<span class="s">${text}</span>` : html`<span class="n">${text}</span>`
}
