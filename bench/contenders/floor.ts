import { fileURLToPath } from 'node:url'
import { createClient } from '@libsql/client/http'
import { localSettings } from '../../scripts/lib/settings.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { bundleWorker } from '../lib/bundle.ts'
import type { Case, Contender } from './contender.ts'

const ENTRY = fileURLToPath(new URL('../floor/worker.ts', import.meta.url))

/** The calls that a case makes, each with its mode and its number of statements: `w2-w14`. */
export type Plans = Readonly<Record<Case, string>>

/** What remains when all logic is left out; `plans` tells which calls of the database it makes. */
export async function floor(plans: Plans): Promise<Contender> {
  const local = await localSettings()
  return {
    name: 'floor',
    script: await bundleWorker(ENTRY),
    compatibilityFlags: [],
    mayFail: false,
    settings: ({ databaseUrl }) => ({ ...local, TURSO_DATABASE_URL: databaseUrl }),
    migrate: async (url) => {
      const client = createClient({ url })
      await client.execute('CREATE TABLE item (id TEXT PRIMARY KEY, value TEXT)')
    },
    prepare: async (wanted, { person }) => {
      const token = await signAccessToken(local, { sub: `person-${person}`, expiresInSeconds: 600 })
      const isBad = wanted === 'bad-token'
      const headers = {
        Authorization: `Bearer ${token}${isBad ? 'x' : ''}`,
        'Content-Type': 'application/json',
      }
      const path = `/${plans[wanted] || 'none'}`
      if (wanted === 'status') return { method: 'GET', path, headers, expects: 200 }
      return { method: 'POST', path, headers, body: '{"code":"000000"}', expects: isBad ? 401 : 200 }
    },
  }
}
