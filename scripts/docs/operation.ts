import { html } from 'hono/html'
import { OPERATIONS } from '../../openapi/operations.ts'
import { exampleProblem, PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { PROBLEMS } from '../../src/core/problems.ts'
import { type Contract, type PlacedOperation, problemsOf, type Response, resolveSchema } from './contract.ts'
import { curlOf } from './curl.ts'
import { exclusion, memberItem, memberList } from './schema.ts'
import { type Html, joined, json, prose } from './text.ts'

/** Returns the section of an operation in the reference. */
export function operationSection(contract: Contract, operation: PlacedOperation): Html {
  const { operationId, method, path, summary, description } = operation
  return html`<section class="operation" aria-labelledby="${operationId}">
<h3 id="${operationId}">${summary} <a class="anchor" href="#${operationId}" aria-label="Link to ${summary}">#</a></h3>
<p class="endpoint">${methodBadge(method)} <code>${breakable(path)}</code></p>
<div class="columns">
<div class="text">
<p>${prose(description)}</p>
${access(operation)}
${parameters(contract, operation)}
${body(contract, operation)}
${answer(contract, operation)}
${problems(contract, operation)}
</div>
<div class="examples">
<h4>Request</h4>
<pre class="code"><code>${curlOf(operation)}</code></pre>
${exampleAnswer(operation)}
</div>
</div>
</section>`
}

/** Returns the method as a badge. */
export function methodBadge(method: string): Html {
  return html`<span class="method ${method}">${method.toUpperCase()}</span>`
}

/** Adds a line break opportunity before each segment of the path. */
function breakable(path: string): readonly (Html | string)[] {
  return path.split(/(?=\/)/).flatMap((part, index) => (index === 0 ? [part] : [html`<wbr>`, part]))
}

function access({ security }: PlacedOperation): Html {
  const scopes = security.flatMap(({ accessToken }) => accessToken)
  if (security.length === 0) return html`<p class="access"><strong>Access</strong> No access token needed.</p>`
  const names = joined(
    scopes.map((scope) => html`<code>${scope}</code>`),
    ' or ',
  )
  return html`<p class="access"><strong>Access</strong> <a href="#authentication">Access token</a> ${
    scopes.length > 0 ? html`with the scope ${names}` : 'of the user'
  }.</p>`
}

function parameters(contract: Contract, operation: PlacedOperation): Html | string {
  const shown = (operation.parameters ?? []).filter((parameter) => parameter.in !== 'header')
  if (shown.length === 0) return ''
  const items = shown.map(({ name, required, description, schema }) =>
    memberItem(contract, { name, schema: { ...schema, description }, isRequired: required, isSent: true }),
  )
  const places = new Set(shown.map((parameter) => (parameter.in === 'path' ? 'Path' : 'Query')))
  return html`<h4>${[...places].join(' and ')}</h4><dl class="members">${items}</dl>`
}

function body(contract: Contract, { requestBody }: PlacedOperation): Html | string {
  const content = requestBody?.content['application/json']
  if (!requestBody || !content) return ''
  const schema = resolveSchema(contract, content.schema)
  return html`<h4>Body ${requestBody.required ? '' : html`<span class="free">may be empty</span>`}</h4>
${exclusion(schema)}${memberList(contract, schema, { isSent: true })}`
}

/** Returns the status and the response of the successful case. */
function answerOf({ responses }: PlacedOperation): readonly [status: string, answer: Response] {
  const found = Object.entries(responses).find(([status]) => status.startsWith('2'))
  if (!found) throw new Error('the operation has no successful response')
  return found
}

function answer(contract: Contract, operation: PlacedOperation): Html {
  const [status, { description, content = {}, headers = {} }] = answerOf(operation)
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(content)
  const names = Object.entries(headers).map(([name, header]) =>
    header.schema.const === undefined ? html`<code>${name}</code>` : html`<code>${name}: ${header.schema.const}</code>`,
  )
  return html`<h4>Response <span class="status good">${status}</span></h4>
<p>${prose(description)}</p>
${resolveSchema(contract, schema).properties ? memberList(contract, schema, { isSent: false }) : ''}
<p class="limits">${mediaType ? html`<code>${mediaType}</code> · ` : ''}headers ${joined(names, ', ')}</p>`
}

function exampleAnswer(operation: PlacedOperation): Html | string {
  const [status, { content = {} }] = answerOf(operation)
  const { example } = content['application/json'] ?? {}
  if (example === undefined) return ''
  return html`<h4>Response <span class="status good">${status}</span></h4>
<pre class="code"><code>${json(example)}</code></pre>`
}

/** Specific problems are shown with an example; those that most operations share, by name only. */
function problems(contract: Contract, operation: PlacedOperation): Html {
  const own: readonly string[] = OPERATIONS.find(({ id }) => id === operation.operationId)?.problems ?? []
  const all = PROBLEM_CODES.filter((code) => problemsOf(contract, operation).includes(code))
  const special = all.filter((code) => own.includes(code))
  const shared = all.filter((code) => !own.includes(code))
  return html`<h4>Problems</h4>
${special.map(
  (
    code,
  ) => html`<details class="case"><summary><span class="status bad">${PROBLEMS[code].status}</span> <code>${code}</code></summary>
<p>${prose(PROBLEMS[code].detail)} <a href="/problems/${code}">What to do about <code>${code}</code></a></p>
<pre class="code"><code>${json(exampleProblem(code))}</code></pre></details>`,
)}
<p class="shared">${special.length > 0 ? 'Also, as for other operations' : 'As for other operations'}: ${joined(
    shared.map(
      (code) => html`<a href="/problems/${code}"><span class="status bad">${PROBLEMS[code].status}</span> ${code}</a>`,
    ),
    ' ',
  )}</p>`
}
