import { createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { type Answer, request } from './request.ts'

/** Something that must hold. It answers undefined where it does, else what was seen instead. */
export type Step = { readonly name: string; readonly look: () => Promise<string | undefined> }

/** What can be seen of a service without a token. */
export function openSteps(url: string): readonly Step[] {
  return [
    { name: 'health: configured and answering', look: async () => expectHealth(await request(`${url}/health`)) },
    { name: 'health: the database answers', look: async () => expectHealth(await request(`${url}/health?deep=1`)) },
    { name: 'no token: 401 with a challenge', look: async () => expectUnauthorized(await request(profile(url))) },
    {
      name: 'a bad token: 401 with error="invalid_token"',
      look: async () =>
        expectUnauthorized(await request(profile(url), { token: 'not.a.token' }), 'error="invalid_token"'),
    },
    { name: 'the key set of step-up tokens', look: async () => expectKeySet(await request(keySetUrl(url))) },
    { name: 'the document: OpenAPI', look: async () => expectDocument(await request(`${url}/openapi.json`)) },
  ]
}

/** The address of the operations of a subject. */
export function profile(url: string): string {
  return `${url}/api/user/profile/mfa`
}

/** Where the keys of step-up tokens are published. */
export function keySetUrl(url: string): string {
  return `${url}/.well-known/jwks.json`
}

function expectHealth({ status, body }: Answer): string | undefined {
  return status === 200 && body?.['status'] === 'ok' ? undefined : describe({ status, body })
}

function expectUnauthorized({ status, headers, body }: Answer, also = ''): string | undefined {
  const challenge = headers.get('WWW-Authenticate') ?? ''
  const holds = status === 401 && challenge.startsWith('Bearer realm="mfa"') && challenge.includes(also)
  return holds ? undefined : `${describe({ status, body })}, WWW-Authenticate: ${challenge || 'none'}`
}

function expectKeySet({ status, body }: Answer): string | undefined {
  if (status !== 200) return describe({ status, body })
  try {
    createLocalJWKSet(body as unknown as JSONWebKeySet)
    return Array.isArray(body?.['keys']) && body['keys'].length > 0 ? undefined : 'no key'
  } catch {
    return 'no key set'
  }
}

function expectDocument({ status, body }: Answer): string | undefined {
  const holds = status === 200 && String(body?.['openapi']).startsWith('3.1')
  return holds ? undefined : describe({ status, body })
}

/** What was answered, as far as a report may hold it: status and problem, never a body. */
export function describe({ status, body }: Pick<Answer, 'status' | 'body'>): string {
  const problem = typeof body?.['title'] === 'string' ? ` (${body['title']})` : ''
  return `answered ${status}${problem}`
}
