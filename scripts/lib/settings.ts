import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { exportJWK, generateKeyPair } from 'jose'

/** Where the local service's settings lie; git ignores it. */
const DEV_VARS = fileURLToPath(new URL('../../.dev.vars', import.meta.url))

/** The port that the local service listens on unless told otherwise. */
export const DEFAULT_PORT = 8787

/** Settings by name. */
export type Settings = Readonly<Record<string, string>>

/** Fresh values for the settings that are secret. */
export async function freshSecrets() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y, d } = await exportJWK(privateKey)
  return {
    AUTH_HS256_SECRET: randomBytes(32).toString('base64url'),
    MFA_KEYS: `${freshKeyId()}:${randomBytes(32).toString('base64url')}`,
    STEP_UP_PRIVATE_JWK: JSON.stringify({ kty, crv, x, y, d }),
    WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
  }
}

/** The day, for whoever reads it, and chance, since a key may be rotated twice in a day. */
function freshKeyId(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  return `k${day}-${randomBytes(3).toString('hex')}`
}

/** The settings of the local service; on the first run they are made, with fresh keys, and written down. */
export async function localSettings(): Promise<Settings> {
  if (!existsSync(DEV_VARS)) await writeFirstSettings()
  return readSettings()
}

/** Of two first runs at once, the second takes the file of the first, which is never seen half written. */
async function writeFirstSettings(): Promise<void> {
  const draft = `${DEV_VARS}.${process.pid}`
  writeFileSync(draft, formatSettings(await firstSettings()), { mode: 0o600 })
  try {
    linkSync(draft, DEV_VARS)
  } catch (error) {
    if (!existsSync(DEV_VARS)) throw error
  } finally {
    rmSync(draft)
  }
}

function readSettings(): Settings {
  const entries = Object.entries(parseEnv(readFileSync(DEV_VARS, 'utf8')))
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}

async function firstSettings(): Promise<Settings> {
  const { WEBHOOK_SECRET, ...secrets } = await freshSecrets()
  return {
    PUBLIC_URL: `http://127.0.0.1:${DEFAULT_PORT}`,
    AUTH_ISSUER: 'https://issuer.example',
    AUTH_AUDIENCE: 'edge-mfa',
    MFA_ISSUER: 'Edge MFA',
    STEP_UP_AUDIENCE: 'https://api.example',
    ...secrets,
  }
}

/** Settings in the form that `.dev.vars` takes: single quotes carry JSON unharmed. */
export function formatSettings(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('')
}
