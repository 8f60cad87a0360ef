import { applyMigrations } from '../../operator/migrations.ts'
import { localSettings } from '../../scripts/lib/settings.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { buildWorker } from '../../scripts/lib/workerd.ts'
import { codeOf, wrongCode } from '../../test/support/phone.ts'
import type { Case, Contender, Exchange, Send } from './contender.ts'

const PROFILE = '/api/user/profile/mfa'
const STEP_MS = 30_000

/** This service; or, with a script, another version of it under a name of its own. */
export async function edgeMfa(other?: { readonly name: string; readonly script: string }): Promise<Contender> {
  const local = await localSettings()
  return {
    name: other?.name ?? 'edge-mfa',
    script: other?.script ?? (await buildWorker()),
    compatibilityFlags: [],
    mayFail: false,
    settings: ({ url, databaseUrl }) => ({ ...local, PUBLIC_URL: url, TURSO_DATABASE_URL: databaseUrl }),
    migrate: (url) => applyMigrations({ url }),
    prepare: async (wanted, { person, send }) => {
      const token = await signAccessToken(local, { sub: `person-${person}`, expiresInSeconds: 600 })
      return preparations[wanted](token, send)
    },
  }
}

const preparations: Readonly<Record<Case, (token: string, send: Send) => Promise<Exchange>>> = {
  setup: async (token) => post('/setup', token, {}),
  verify: async (token, send) => post('/verify', token, { code: codeOf(await setUp(token, send)) }),
  'verify-wrong': async (token, send) => {
    const secret = await setUp(token, send)
    return { ...post('/verify', token, { code: wrongCode(secret) }), expects: 400 }
  },
  challenge: async (token, send) => post('/challenge', token, { code: nextCode(await enroll(token, send)) }),
  'challenge-backup-code': async (token, send) => {
    const { backupCodes } = await enroll(token, send)
    return post('/challenge', token, { backup_code: backupCodes[0] })
  },
  regenerate: async (token, send) => post('/backup-codes', token, { code: nextCode(await enroll(token, send)) }),
  status: async (token, send) => {
    await enroll(token, send)
    return { method: 'GET', path: PROFILE, headers: { Authorization: `Bearer ${token}` }, expects: 200 }
  },
  'bad-token': async (token) => ({ ...post('/challenge', `${token}x`, { code: '000000' }), expects: 401 }),
}

type Enrolled = { readonly secret: string; readonly backupCodes: readonly string[] }

async function setUp(token: string, send: Send): Promise<string> {
  const { text } = await send(post('/setup', token, {}))
  return (JSON.parse(text) as { readonly secret: string }).secret
}

async function enroll(token: string, send: Send): Promise<Enrolled> {
  const secret = await setUp(token, send)
  const { text } = await send(post('/verify', token, { code: codeOf(secret) }))
  return { secret, backupCodes: (JSON.parse(text) as { readonly backup_codes: readonly string[] }).backup_codes }
}

/** That of the step after the one that the enrollment has used. */
function nextCode({ secret }: Enrolled): string {
  return codeOf(secret, Date.now() + STEP_MS)
}

function post(path: string, token: string, body: object): Exchange {
  return {
    method: 'POST',
    path: PROFILE + path,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    expects: 200,
  }
}
