import { html } from 'hono/html'
import { PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { PROBLEMS } from '../../src/core/problems.ts'
import { type Contract, operationsOf } from './contract.ts'
import { TOKEN_COMMANDS } from './curl.ts'
import { memberList } from './schema.ts'
import { type Html, json, prose } from './text.ts'

/** A chapter before the operations. */
export type Chapter = { readonly id: string; readonly title: string; readonly content: Html }

/** Returns the chapters about what all operations have in common. */
export function chapters(contract: Contract): readonly Chapter[] {
  return [
    { id: 'authentication', title: 'Authentication', content: authentication },
    { id: 'proof', title: 'Proof', content: proof },
    { id: 'step-up', title: 'Step-up token', content: stepUp },
    { id: 'requests', title: 'Requests and request IDs', content: requests(contract) },
    { id: 'problems', title: 'Problems', content: problems(contract) },
  ]
}

const authentication = html`<div class="columns"><div class="text">
<p>${prose('Every operation under `/api` requires the access token that your issuer gave to the signed-in user, as `Authorization: Bearer <access token>`. No other credential is accepted: no cookie, no key in the URL. The user is the `sub` of the token.')}</p>
<p>${prose('Administrators send their own access token with `mfa:read` or `mfa:admin` in its `scope`.')}</p>
<p>${prose('The commands on this page call the local service, which `npm run dev` starts. It accepts the tokens that the commands beside this text create.')}</p>
</div><div class="examples">
<h3 class="label">Tokens for the local service</h3>
<pre class="code"><code>${TOKEN_COMMANDS}</code></pre>
</div></div>`

const proof = html`<div class="columns"><div class="text">
<p>${prose('While MFA is on, a change needs a **proof** in its body: a current `code` of an authenticator, or a `backup_code`. The operation uses it up: each code works once across all operations.')}</p>
<p>${prose('Without a proof, the response is `proof-required` and nothing is changed. Wrong codes are counted per user across all operations. From the fifth in a row, each wrong code starts a wait, which doubles every time. Backup codes need no wait.')}</p>
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
<p>${prose('The response of')} <a href="#challenge"><code>challenge</code></a> ${prose('contains a **step-up token**: a JWT, signed with ES256, which states that the user has just verified a second factor. It is valid for five minutes.')}</p>
<p>Your issuer or your resource server checks it, on the server side:</p>
<ul>
<li>${prose('the header: `typ` is `mfa-stepup+jwt`, `alg` is `ES256`, and `kid` is one of the')} <a href="#keys">published keys</a>;</li>
<li>${prose('`iss` and `aud` are the configured ones, and `exp` is in the future;')}</li>
<li>${prose('`sub` and `sub_iss` equal `sub` and `iss` of the access token that is presented with it.')}</li>
</ul>
<p>${prose('This service never accepts it as an access token. Do not base access decisions on what a browser reported, `enabled` included, and never treat an error or a timeout as “MFA not required”.')}</p>
</div><div class="examples">
<h3 class="label">Claims of a step-up token</h3>
<pre class="code"><code>${json(claims)}</code></pre>
</div></div>`

function requests(contract: Contract): Html {
  const header = operationsOf(contract).flatMap(({ parameters = [] }) =>
    parameters.filter(({ name }) => name === 'X-Request-Id'),
  )
  return html`<p>${prose('Request bodies are JSON objects in UTF-8 of at most 4096 bytes, sent as `application/json`. Unknown members are ignored, and an empty body reads as `{}`.')}</p>
<p>${prose('Every response has an `X-Request-Id`, the ID of the request in the log of the service.')} ${prose(`You can send one yourself. ${header[0]?.description ?? ''}`)}</p>
<p>${prose('On every path, HEAD answers like GET without a body, and OPTIONS answers the preflights of configured origins (CORS).')}</p>`
}

function problems(contract: Contract): Html {
  return html`<p>${prose('Every failure is a problem (RFC 9457), sent as `application/problem+json`. Its `type` is the URL of a page that explains what to do. Show `detail` to people; in code, compare the last segment of `type`.')}</p>
<table class="problems"><caption>All problems</caption>
<thead><tr><th scope="col">Status</th><th scope="col">Name</th><th scope="col">Meaning</th></tr></thead>
<tbody>${PROBLEM_CODES.map(
    (code) =>
      html`<tr><td><span class="status bad">${PROBLEMS[code].status}</span></td><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${prose(PROBLEMS[code].detail)}</td></tr>`,
  )}</tbody></table>
<h3 class="label">Members of every problem</h3>
${memberList(contract, { $ref: '#/components/schemas/Problem' }, { isSent: false })}`
}
