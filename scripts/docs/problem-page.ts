import { STATUS_CODES } from 'node:http'
import { html } from 'hono/html'
import { exampleHeaders, exampleProblem, PROBLEM_GUIDE } from '../../openapi/problem-guide.ts'
import { PROBLEMS, type ProblemCode } from '../../src/core/problems.ts'
import { type Contract, operationsOf, problemsOf } from './contract.ts'
import { pageText } from './layout.ts'
import { methodBadge } from './operation.ts'
import { memberList } from './schema.ts'
import { type Html, json, prose } from './text.ts'

/** Returns the HTML page of a problem, which its `type` links to. */
export function problemPage(contract: Contract, code: ProblemCode): Promise<string> {
  const { title, status, detail } = PROBLEMS[code]
  const { cause, solution } = PROBLEM_GUIDE[code]
  return pageText({
    title: `${title} (${status}), a problem of Edge MFA`,
    description: detail,
    kind: 'problem',
    main: html`<article>
<p class="crumb"><a href="/docs#problems">Problems</a></p>
<h1>${title}</h1>
<p class="facts"><span class="status bad">${status}</span> <code>${code}</code></p>
<p class="lead">${prose(detail)}</p>
<h2>Cause</h2>
<p>${prose(cause)}</p>
<h2>What to do</h2>
<p>${prose(solution)}</p>
${extraMembers(contract, code)}
<h2>Example</h2>
<pre class="code"><code>${`HTTP/1.1 ${status} ${STATUS_CODES[status]}`}
${headerLines(code)}

${json(exampleProblem(code))}</code></pre>
<h2>Operations</h2>
${answeredBy(contract, code)}
</article>`,
  })
}

function headerLines(code: ProblemCode): string {
  const { requestId } = exampleProblem(code)
  const headers = { ...exampleHeaders(code), 'X-Request-Id': requestId }
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}

function extraMembers(contract: Contract, code: ProblemCode): Html | string {
  const { members, required = [] } = PROBLEM_GUIDE[code]
  if (members === undefined) return ''
  return html`<h2>Additional members</h2>
<p>In addition to the members of <a href="/docs#problems">every problem</a>:</p>
${memberList(contract, { properties: members, required }, { isSent: false })}`
}

function answeredBy(contract: Contract, code: ProblemCode): Html {
  const all = operationsOf(contract)
  const found = all.filter((operation) => problemsOf(contract, operation).includes(code))
  if (found.length === all.length) return html`<p>Every <a href="/docs">operation</a> can return this problem.</p>`
  return html`<ul class="operations">${found.map(
    ({ operationId, method, summary }) =>
      html`<li><a href="/docs#${operationId}">${methodBadge(method)} <span>${summary}</span></a></li>`,
  )}</ul>`
}
