import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@libsql/client/http'
import { codeOf, wrongCode } from '../../test/support/phone.ts'
import { bundleWorker } from '../lib/bundle.ts'
import type { Case, Contender, Exchange, Send } from './contender.ts'

const FOLDER = fileURLToPath(new URL('../peer', import.meta.url))
const API = '/api/auth'
const PASSWORD = 'a password of the benchmark'
const STEP_MS = 30_000

/** The nearest relative: Better Auth with its two-factor plugin. The first call installs what the lockfile names. */
export async function peer(): Promise<Contender> {
  await install()
  return {
    name: 'peer',
    script: await bundleWorker(join(FOLDER, 'worker.ts')),
    compatibilityFlags: [],
    mayFail: true,
    settings: ({ url, databaseUrl }) => ({
      BETTER_AUTH_URL: url,
      BETTER_AUTH_SECRET: 'the benchmark has nothing to hide',
      DATABASE_URL: databaseUrl,
      NODE_ENV: 'production',
    }),
    migrate: async (url) => {
      const client = createClient({ url })
      await client.executeMultiple(await readFile(join(FOLDER, 'schema.sql'), 'utf8'))
    },
    prepare: async (wanted, { person, url, send }) => {
      const visitor = { email: `person-${person}@example.com`, url, send }
      return preparations[wanted](visitor, await signUp(visitor))
    },
  }
}

/** Somebody with an address, at a browser. */
type Visitor = { readonly email: string; readonly url: string; readonly send: Send }
/** The value of a Cookie header. */
type Cookies = string

const preparations: Readonly<Record<Case, (visitor: Visitor, session: Cookies) => Promise<Exchange>>> = {
  setup: async (visitor, session) => enable(visitor, session),
  verify: async (visitor, session) => {
    const { secret } = await setUp(visitor, session)
    return post(visitor, '/two-factor/verify-totp', { code: codeOf(secret) }, session)
  },
  'verify-wrong': async (visitor, session) => {
    const { secret } = await setUp(visitor, session)
    return { ...post(visitor, '/two-factor/verify-totp', { code: wrongCode(secret) }, session), expects: 401 }
  },
  challenge: async (visitor, session) => {
    const { secret } = await enroll(visitor, session)
    const code = codeOf(secret, Date.now() + STEP_MS)
    return post(visitor, '/two-factor/verify-totp', { code }, await signIn(visitor))
  },
  'challenge-backup-code': async (visitor, session) => {
    const { backupCodes } = await enroll(visitor, session)
    return post(visitor, '/two-factor/verify-backup-code', { code: backupCodes[0] }, await signIn(visitor))
  },
  regenerate: async (visitor, session) => {
    const enrolled = await enroll(visitor, session)
    return post(visitor, '/two-factor/generate-backup-codes', { password: PASSWORD }, enrolled.session)
  },
  status: async (visitor, session) => {
    const enrolled = await enroll(visitor, session)
    return { method: 'GET', path: `${API}/get-session`, headers: { Cookie: enrolled.session }, expects: 200 }
  },
  'bad-token': async (visitor, session) => {
    const forged = session.replace('session_token=', 'session_token=x')
    return { ...post(visitor, '/two-factor/verify-totp', { code: '000000' }, forged), expects: 401 }
  },
}

type SetUp = { readonly secret: string; readonly backupCodes: readonly string[] }

async function signUp(visitor: Visitor): Promise<Cookies> {
  const { email, send } = visitor
  const answer = await send(post(visitor, '/sign-up/email', { name: 'A person', email, password: PASSWORD }))
  return cookiesOf(answer, 'session_token')
}

/** The cookies are those of a first factor: the second one is still to come. */
async function signIn(visitor: Visitor): Promise<Cookies> {
  const { email, send } = visitor
  return cookiesOf(await send(post(visitor, '/sign-in/email', { email, password: PASSWORD })), 'two_factor')
}

async function setUp(visitor: Visitor, session: Cookies): Promise<SetUp> {
  const { text } = await visitor.send(enable(visitor, session))
  const { totpURI, backupCodes } = JSON.parse(text) as { totpURI: string; backupCodes: readonly string[] }
  return { secret: new URL(totpURI).searchParams.get('secret') ?? '', backupCodes }
}

async function enroll(visitor: Visitor, session: Cookies): Promise<SetUp & { readonly session: Cookies }> {
  const { secret, backupCodes } = await setUp(visitor, session)
  const verified = await visitor.send(post(visitor, '/two-factor/verify-totp', { code: codeOf(secret) }, session))
  return { secret, backupCodes, session: cookiesOf(verified, 'session_token') }
}

function enable(visitor: Visitor, session: Cookies): Exchange {
  return post(visitor, '/two-factor/enable', { password: PASSWORD }, session)
}

function post({ url }: Visitor, path: string, body: object, cookies?: Cookies): Exchange {
  return {
    method: 'POST',
    path: API + path,
    headers: { 'Content-Type': 'application/json', Origin: url, ...(cookies && { Cookie: cookies }) },
    body: JSON.stringify(body),
    expects: 200,
  }
}

/** What a browser would send back, the cookie of this name among it: without it the case would be another one. */
function cookiesOf({ headers }: { readonly headers: Headers }, name: 'session_token' | 'two_factor'): Cookies {
  const pairs = headers.getSetCookie().map((cookie) => cookie.slice(0, cookie.indexOf(';')))
  const kept = pairs.filter((pair) => !pair.endsWith('='))
  if (kept.some((pair) => pair.startsWith(`better-auth.${name}=`))) return kept.join('; ')
  throw new Error(`the peer set no cookie ${name}`)
}

async function install(): Promise<void> {
  const [wanted, installed] = await Promise.all(['package-lock.json', 'node_modules/.package-lock.json'].map(changedAt))
  if (installed !== undefined && wanted !== undefined && installed >= wanted) return
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER })
}

/** In milliseconds since the epoch; undefined where the peer's folder has no such file. */
async function changedAt(file: string): Promise<number | undefined> {
  return (await stat(join(FOLDER, file)).catch(() => undefined))?.mtimeMs
}
