import { html } from 'hono/html'
import { type Contract, operationsOfTag } from './contract.ts'
import { pageText } from './layout.ts'
import { methodBadge, operationSection } from './operation.ts'
import { type Chapter, chapters } from './sections.ts'
import { type Html, prose } from './text.ts'

/** Returns the reference as an HTML page. */
export function referencePage(contract: Contract): Promise<string> {
  const { info } = contract
  const general = chapters(contract)
  return pageText({
    title: `${info.title} reference`,
    description: info.summary,
    kind: 'reference',
    aside: contents(contract, general),
    main: html`<div class="intro">
<h1>${info.title} <span class="version">${info.version}</span></h1>
<p class="lead">${prose(info.summary)}</p>
<p>${prose('Enroll with `setup` and `verify`. At sign-in, call `challenge` and pass the step-up token to your issuer or API, which verifies it.')} This page is generated from the <a href="/openapi.json">OpenAPI 3.1 document</a>. The tests validate every response against it.</p>
</div>
${general.map(chapterSection)}
${contract.tags.map((tag) => group(contract, tag))}`,
  })
}

function chapterSection({ id, title, content }: Chapter): Html {
  return html`<section class="chapter" aria-labelledby="${id}">
<h2 id="${id}">${title} <a class="anchor" href="#${id}" aria-label="Link to ${title}">#</a></h2>
${content}
</section>`
}

function group(contract: Contract, { name, description }: Contract['tags'][number]): Html {
  return html`<section class="group" aria-labelledby="${groupId(name)}">
<h2 id="${groupId(name)}">${name}</h2>
<p class="lead">${prose(description)}</p>
${operationsOfTag(contract, name).map((operation) => operationSection(contract, operation))}
</section>`
}

/** Returns the table of contents twice: beside the text for wide screens, and collapsed above it for narrow ones. */
function contents(contract: Contract, general: readonly Chapter[]): Html {
  return html`<nav class="contents wide" aria-label="Contents">${lists(contract, general)}</nav>
<nav class="contents narrow" aria-label="Contents, folded"><details><summary>Contents</summary><div class="folded">${lists(contract, general)}</div></details></nav>`
}

function lists(contract: Contract, general: readonly Chapter[]): Html {
  return html`<p class="heading">Basics</p>
<ul>${general.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul>
${contract.tags.map(
  ({ name }) => html`<p class="heading"><a href="#${groupId(name)}">${name}</a></p>
<ul>${operationsOfTag(contract, name).map(
    ({ operationId, method, summary }) =>
      html`<li><a href="#${operationId}">${methodBadge(method)} <span>${summary}</span></a></li>`,
  )}</ul>`,
)}`
}

function groupId(tag: string): string {
  return `group-${tag.toLowerCase()}`
}
