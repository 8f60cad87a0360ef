import { createClient } from '@libsql/client/http'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { betterAuth } from 'better-auth/minimal'
import { twoFactor } from 'better-auth/plugins/two-factor'
import { drizzle } from 'drizzle-orm/libsql/http'
import * as schema from './tables.ts'

/*
 * Better Auth as its documentation advises: one instance for all requests, the entry point without what Drizzle makes
 * needless, joins. Its address and its secret it reads from the environment. The cache of sessions in a cookie stays off,
 * as by default: every answer here is one of the database. Left out are the hash of the password and the limit of
 * requests, which have no part in what is compared.
 */

/**
 * One for all requests. By default a client lets 20 calls run at once and makes the others wait for them; one request
 * would wait for another one, which the runtime cancels.
 */
const client = createClient({ url: process.env['DATABASE_URL'] ?? '', concurrency: Number.MAX_SAFE_INTEGER })

const auth = betterAuth({
  appName: 'Peer',
  database: drizzleAdapter(drizzle(client, { schema }), { provider: 'sqlite', schema }),
  advanced: { database: { joins: true } },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: async (password) => password,
      verify: async ({ hash, password }) => hash === password,
    },
  },
  plugins: [twoFactor({ issuer: 'Peer' })],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
})

export default { fetch: auth.handler }
