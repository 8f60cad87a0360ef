import { html } from 'hono/html'
import { PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { PROBLEMS } from '../../src/core/problems.ts'
import { type Contract, operationsOf } from './contract.ts'
import { TOKEN_COMMANDS } from './curl.ts'
import { memberList } from './schema.ts'
import { type Html, json, prose } from './text.ts'

/** A chapter above the operations. */
export type Chapter = { readonly id: string; readonly title: string; readonly content: Html }

/** What holds for all operations. */
export function chapters(contract: Contract): readonly Chapter[] {
  return [
    { id: 'authentication', title: 'Authentication', content: authentication },
    { id: 'proof', title: 'Proof', content: proof },
    { id: 'step-up', title: 'Step-up token', content: stepUp },
    { id: 'requests', title: 'Requests and request ids', content: requests(contract) },
    { id: 'problems', title: 'Problems', content: problems(contract) },
  ]
}

const authentication = html`<div class="columns"><div class="text">
<p>${prose('Every operation under `/api` takes the access token that your issuer gave to the signed-in user, as `Authorization: Bearer <access token>`, and no other credential: no cookie, no key in the address. The user is the `sub` of that token.')}</p>
<p>${prose('Administrators send their own access token, with `mfa:read` or `mfa:admin` in its `scope`.')}</p>
<p>${prose('The commands on this page run against the local service, which `npm run dev` starts. It takes tokens that you make with the commands beside this text.')}</p>
</div><div class="examples">
<h3 class="label">Tokens for the local service</h3>
<pre class="code"><code>${TOKEN_COMMANDS}</code></pre>
</div></div>`

const proof = html`<div class="columns"><div class="text">
<p>${prose('While MFA is on, a change needs a **proof** in its body: a current `code` of an authenticator, or a `backup_code`. The operation uses it up: a code works once, over all operations.')}</p>
<p>${prose('Without one the answer is `proof-required`, and nothing was changed. Wrong codes are counted for each user, over all operations; from the fifth in a row on each one starts a wait, which doubles. A backup code needs no wait.')}</p>
</div><div class="examples">
<h3 class="label">The body of a change</h3>
<pre class="code"><code>${json({ code: '123456' })}</code></pre>
<pre class="code"><code>${json({ backup_code: '7ZQ4-H2MX-9K3D-VB8T-6RWE-1JNC' })}</code></pre>
</div></div>`

const claims = {
  iss: 'https://mfa.example.com',
  sub: 'alice',
  sub_iss: 'https://issuer.example',
  aud: 'https://api.example',
  iat: 1795512600,
  exp: 1795512900,
  auth_time: 1795512600,
  acr: 'urn:edge-mfa:acr:mfa',
  amr: ['otp', 'mfa'],
  jti: '9b2d5a3e-1c47-4f0e-8a86-2f6f0c7d9e51',
}

const stepUp = html`<div class="columns"><div class="text">
<p>${prose('The answer of')} <a href="#challenge"><code>challenge</code></a> ${prose('holds a **step-up token**: a JWT signed with ES256 that says that this user proved a second factor just now. It is good for five minutes.')}</p>
<p>Your issuer or your resource server checks it, on the server side:</p>
<ul>
<li>${prose('the header: `typ` is `mfa-stepup+jwt`, `alg` is `ES256`, and `kid` names one of the')} <a href="#keys">published keys</a>;</li>
<li>${prose('`iss` and `aud` are those that the service is configured with, and `exp` is in the future;')}</li>
<li>${prose('`sub` and `sub_iss` are `sub` and `iss` of the access token that it stands beside.')}</li>
</ul>
<p>${prose('This service never accepts it. What a browser read, `enabled` included, decides nothing; and no answer from here is never “MFA not required”.')}</p>
</div><div class="examples">
<h3 class="label">Claims of a step-up token</h3>
<pre class="code"><code>${json(claims)}</code></pre>
</div></div>`

function requests(contract: Contract): Html {
  const header = operationsOf(contract).flatMap(({ parameters = [] }) =>
    parameters.filter(({ name }) => name === 'X-Request-Id'),
  )
  return html`<p>${prose('Bodies are JSON objects in UTF-8 of 4096 bytes at most, sent as `application/json`. Members that an operation does not know are ignored, and a body of no bytes reads as `{}`.')}</p>
<p>${prose('Every answer carries `X-Request-Id`, which names the request in the log of the service.')} ${prose(`You may send one yourself. ${header[0]?.description ?? ''}`)}</p>
<p>${prose('Where a path exists, HEAD answers as GET without a body, and OPTIONS answers a page of a configured origin (CORS).')}</p>`
}

function problems(contract: Contract): Html {
  return html`<p>${prose('Every failure is a problem (RFC 9457), sent as `application/problem+json`. Its `type` is the address of a page that says what a client should do. Show `detail` to a person; decide by the last part of `type`.')}</p>
<table class="problems"><caption>All problems</caption>
<thead><tr><th scope="col">Status</th><th scope="col">Name</th><th scope="col">Meaning</th></tr></thead>
<tbody>${PROBLEM_CODES.map(
    (code) =>
      html`<tr><td><span class="status bad">${PROBLEMS[code].status}</span></td><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${prose(PROBLEMS[code].detail)}</td></tr>`,
  )}</tbody></table>
<h3 class="label">Members of every problem</h3>
${memberList(contract, { $ref: '#/components/schemas/Problem' }, { isSent: false })}`
}
