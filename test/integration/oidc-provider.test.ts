import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openIdProvider } from '../../docs/examples/oidc-provider.ts'
import { createUser } from '../../docs/examples/user.ts'
import { createStepUpVerifier, memoryStore } from '../../packages/verify/src/verify.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'

/* Pattern A with oidc-provider: the authorization code flow of a public client, as a browser goes through it. */

const START_TIMEOUT_MS = 120_000
const CALLBACK = 'https://app.example.com/callback'

let service: LocalService
let server: Server
let issuer: string

beforeAll(async () => {
  const port = await freePort()
  issuer = `http://127.0.0.1:${port}`
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const signingJwk = { ...(await exportJWK(privateKey)), kid: 'provider' }
  const { d: _, ...publicJwk } = signingJwk
  const keys = { AUTH_HS256_SECRET: '', AUTH_JWKS: JSON.stringify({ keys: [publicJwk] }), AUTH_ISSUER: issuer }
  service = await startLocalService(keys)
  const audience = service.settings['STEP_UP_AUDIENCE'] ?? ''
  const verifier = createStepUpVerifier({ serviceUrl: service.url, audience, maxAge: 120, singleUse: memoryStore() })
  const client = { client_id: 'app', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' as const }
  const checkPassword = async (_user: string, password: string) => password === 'correct horse'
  server = createServer(openIdProvider({ issuer, signingJwk, clients: [client], checkPassword, verifier }))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
}, START_TIMEOUT_MS)

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await service.end()
})

/** A browser at the beginning of a login: it keeps cookies, and follows no redirect by itself. */
async function beginLogin() {
  const cookies = new Map<string, string>()
  const verifier = randomBytes(32).toString('base64url')

  async function send(path: string, form?: Readonly<Record<string, string>>) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const request = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }
    const response = await fetch(new URL(path, issuer), { ...request, headers: { Cookie: cookie }, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    return { status: response.status, location: response.headers.get('Location') ?? '', text: await response.text() }
  }

  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const query = { client_id: 'app', response_type: 'code', scope: 'openid', redirect_uri: CALLBACK }
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const { location } = await send(`/auth?${new URLSearchParams({ ...query, ...pkce })}`)
  return {
    send,
    interaction: location,
    resume: location.replace('/interaction/', '/auth/'),
    logIn: async (user: string, password = 'correct horse') => send(`${location}/login`, { user, password }),
    finish: (mfa_token: string, step_up_token: string) => send(`${location}/mfa`, { mfa_token, step_up_token }),
    redeem: (code: string) => {
      const grant = { grant_type: 'authorization_code', client_id: 'app', redirect_uri: CALLBACK }
      return send('/token', { ...grant, code, code_verifier: verifier })
    },
  }
}

function tokenIn({ text }: { readonly text: string }): string {
  return String(JSON.parse(text).mfa_token)
}

describe('a login at oidc-provider', () => {
  it('ends in an ID token after the password and the second factor', async () => {
    const login = await beginLogin()
    const mfaToken = tokenIn(await login.logIn('alice'))
    expect(decodeJwt(mfaToken).aud).toBe('edge-mfa')
    const alice = createUser(service.url)
    await alice.enroll(mfaToken)
    const finished = await login.finish(mfaToken, await alice.challenge(mfaToken))
    expect(finished.status).toBe(303)
    const { location } = await login.send(finished.location)
    expect(location).toMatch(CALLBACK)
    const tokens = JSON.parse((await login.redeem(new URL(location).searchParams.get('code') ?? '')).text)
    expect(decodeJwt(tokens.id_token)).toMatchObject({ sub: 'alice', acr: 'urn:edge-mfa:acr:mfa', amr: ['otp', 'mfa'] })
  })

  it('does not go on without the challenge', async () => {
    const login = await beginLogin()
    const mfaToken = tokenIn(await login.logIn('bob'))
    const resumed = await login.send(login.resume)
    expect(resumed.location).not.toMatch(CALLBACK)
    for (const instead of ['', mfaToken]) expect((await login.finish(mfaToken, instead)).status).toBe(401)
    expect((await login.send(login.resume)).location).not.toMatch(CALLBACK)
    expect((await login.logIn('bob', 'a guess')).status).toBe(401)
  })

  it('takes no proof of another user, of another login, or used before', async () => {
    const mallory = createUser(service.url)
    const first = await beginLogin()
    const malloryToken = tokenIn(await first.logIn('mallory'))
    await mallory.enroll(malloryToken)
    const proof = await mallory.challenge(malloryToken)
    const second = await beginLogin()
    const carolToken = tokenIn(await second.logIn('carol'))
    expect((await second.finish(carolToken, proof)).status).toBe(401)
    expect((await second.finish(malloryToken, proof)).status).toBe(401)
    expect((await first.finish(malloryToken, proof)).status).toBe(303)
    expect((await first.finish(malloryToken, proof)).status).toBe(401)
  })
})
