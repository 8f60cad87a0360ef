import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { magicLink } from 'better-auth/plugins/magic-link'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secondFactor } from '../../docs/examples/better-auth.ts'
import { createUser } from '../../docs/examples/user.ts'
import { createStepUpVerifier, memoryStore } from '../../packages/verify/src/verify.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'

/* Pattern A with Better Auth: a browser signs in with a password or with a link from its mail. */

const START_TIMEOUT_MS = 120_000
const ORIGIN = 'https://app.example.com'
const PASSWORD = 'correct horse battery'

type Tables = Readonly<Record<'user' | 'session' | 'account' | 'verification', Record<string, unknown>[]>>

let service: LocalService
let application: Application

beforeAll(async () => {
  service = await startLocalService()
  application = createApplication(service.url)
}, START_TIMEOUT_MS)

afterAll(async () => {
  await service.end()
})

type Application = ReturnType<typeof createApplication>

/** An application of its own, with its mail and its tables, whose verifier reads the keys at this address. */
function createApplication(serviceUrl: string) {
  const { AUTH_HS256_SECRET = '', AUTH_ISSUER: issuer = '', AUTH_AUDIENCE = '' } = service.settings
  const audience = service.settings['STEP_UP_AUDIENCE'] ?? ''
  const verifier = createStepUpVerifier({ serviceUrl, audience, maxAge: 120, singleUse: memoryStore() })
  const secret = Buffer.from(AUTH_HS256_SECRET, 'base64url')
  const links = new Map<string, string>()
  const tables: Tables = { user: [], session: [], account: [], verification: [] }
  const auth = betterAuth({
    baseURL: ORIGIN,
    secret: 'a secret of this test, and of nothing else',
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true, autoSignIn: false },
    // A session in a signed cookie would outlive its row.
    session: { cookieCache: { enabled: true } },
    plugins: [
      magicLink({ sendMagicLink: ({ email, url }) => void links.set(email, url) }),
      secondFactor({ issuer, audience: AUTH_AUDIENCE, secret, page: `${ORIGIN}/second-factor`, verifier }),
    ],
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
  })
  return { auth, links, tables }
}

/** A browser with its own cookies, which follows no redirect by itself. */
function openBrowser({ auth, links }: Application) {
  const cookies = new Map<string, string>()

  async function send(path: string, body?: object) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { Cookie: cookie, Origin: ORIGIN, 'Content-Type': 'application/json' }
    const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const response = await auth.handler(new Request(new URL(path, ORIGIN), { headers, ...request }))
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    const text = await response.text()
    const location = response.headers.get('Location') ?? ''
    return { status: response.status, location, body: text === '' ? null : JSON.parse(text) }
  }

  return {
    cookies,
    signUp: (email: string) => send('/api/auth/sign-up/email', { email, password: PASSWORD, name: email }),
    async signIn(email: string, password = PASSWORD) {
      const { status, body } = await send('/api/auth/sign-in/email', { email, password })
      return { status, mfaToken: String(body.mfa_token ?? '') }
    },
    async openLink(email: string) {
      await send('/api/auth/sign-in/magic-link', { email, callbackURL: '/home' })
      const { location } = await send(links.get(email) ?? '')
      return { location, mfaToken: new URLSearchParams(new URL(location).hash.slice(1)).get('mfa_token') ?? '' }
    },
    finish: (mfa_token: string, step_up_token: string) =>
      send('/api/auth/second-factor', { mfa_token, step_up_token }).then(({ status }) => status),
    session: async () => (await send('/api/auth/get-session')).body,
  }
}

describe('a sign-in at Better Auth', () => {
  it('with a password reaches a session only with the second factor', async () => {
    const browser = openBrowser(application)
    await browser.signUp('alice@example.com')
    const { status, mfaToken } = await browser.signIn('alice@example.com')
    expect(status).toBe(401)
    expect([await browser.session(), browser.cookies.size, application.tables.session]).toEqual([null, 0, []])
    const alice = createUser(service.url)
    await alice.enroll(mfaToken)
    for (const instead of ['', mfaToken]) expect(await browser.finish(mfaToken, instead)).toBe(401)
    expect(await browser.session()).toBeNull()
    const proof = await alice.challenge(mfaToken)
    expect(await browser.finish(mfaToken, proof)).toBe(200)
    const { user } = await browser.session()
    expect(user).toMatchObject({ id: decodeJwt(mfaToken).sub, email: 'alice@example.com' })
    expect(await openBrowser(application).finish(mfaToken, proof)).toBe(401)
  })

  it('with a magic link reaches a session only with the second factor', async () => {
    const browser = openBrowser(application)
    const { location, mfaToken } = await browser.openLink('bob@example.com')
    expect(location).toMatch(`${ORIGIN}/second-factor#`)
    expect([await browser.session(), browser.cookies.size]).toEqual([null, 0])
    expect(await browser.finish(mfaToken, mfaToken)).toBe(401)
    const bob = createUser(service.url)
    await bob.enroll(mfaToken)
    expect(await browser.finish(mfaToken, await bob.challenge(mfaToken))).toBe(200)
    expect((await browser.session()).user).toMatchObject({ email: 'bob@example.com' })
  })

  it('takes no proof of another user, and answers no token for a wrong password', async () => {
    const browser = openBrowser(application)
    await browser.signUp('mallory@example.com')
    await browser.signUp('carol@example.com')
    const mallorys = (await browser.signIn('mallory@example.com')).mfaToken
    const mallory = createUser(service.url)
    await mallory.enroll(mallorys)
    const proof = await mallory.challenge(mallorys)
    for (const { mfaToken } of [await browser.signIn('carol@example.com'), await browser.openLink('carol@example.com')])
      expect(await browser.finish(mfaToken, proof)).toBe(401)
    expect(await browser.session()).toBeNull()
    expect(await browser.signIn('carol@example.com', 'a guess')).toEqual({ status: 401, mfaToken: '' })
  })

  it('reaches no session while the keys of Edge MFA are unavailable', async () => {
    const cutOff = createApplication(`http://127.0.0.1:${await freePort()}`)
    const browser = openBrowser(cutOff)
    const { mfaToken } = await browser.openLink('dave@example.com')
    const dave = createUser(service.url)
    await dave.enroll(mfaToken)
    expect(await browser.finish(mfaToken, await dave.challenge(mfaToken))).toBe(401)
    expect([await browser.session(), cutOff.tables.session]).toEqual([null, []])
  })
})
