import { html } from 'hono/html'
import type { Html } from './text.ts'

type Part = Html | string | readonly (Html | string)[]

/** The parts of a page around its content. */
export type Page = {
  readonly title: string
  readonly description: string
  /** The kind of page, for the style sheet. */
  readonly kind: 'reference' | 'problem'
  /** The navigation beside the content. */
  readonly aside?: Part
  readonly main: Part
}

/** Returns a complete HTML page. It has no inline styles or scripts and loads nothing from other origins. */
export async function pageText({ title, description, kind, aside = '', main }: Page): Promise<string> {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<meta name="description" content="${description}">
<link rel="icon" type="image/svg+xml" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body class="${kind}">
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="/docs"><img src="/assets/icon.svg" width="28" height="28" alt=""> Edge MFA</a>
<nav class="links" aria-label="Documents"><a href="/docs#problems">Problems</a><a href="/openapi.json">OpenAPI</a></nav>
</header>
${aside}
<main id="content" tabindex="-1">
${main}
</main>
</body>
</html>
`
  return String(await page)
}
