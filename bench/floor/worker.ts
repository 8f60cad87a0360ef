import { createClient } from '@libsql/client/http'
import { Hono } from 'hono'
import { jwtVerify } from 'jose'

/*
 * The floor: the smallest Worker that checks a token, reads a body, and makes as many calls of the database with as many
 * statements as it is told, with no logic at all. A plan such as `w2-w14` is two calls that write, of two and of 14.
 */

type Env = {
  readonly TURSO_DATABASE_URL: string
  readonly AUTH_HS256_SECRET: string
  readonly AUTH_ISSUER: string
  readonly AUTH_AUDIENCE: string
}

const app = new Hono<{ Bindings: Env }>()
let key: Promise<CryptoKey> | undefined

app.get('/', (c) => c.text('ok'))

app.on(['GET', 'POST'], '/:plan', async (c) => {
  const { TURSO_DATABASE_URL: url, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = c.env
  key ??= importKey(c.env.AUTH_HS256_SECRET)
  const token = c.req.header('Authorization')?.replace('Bearer ', '') ?? ''
  const verified = await jwtVerify(token, await key, { issuer, audience, algorithms: ['HS256'] }).catch(() => undefined)
  if (verified === undefined) return c.json({ error: 'unauthorized' }, 401)
  const value = c.req.method === 'GET' ? null : JSON.stringify(await c.req.json())
  const client = createClient({ url })
  const id = crypto.randomUUID()
  for (const call of c.req.param('plan').split('-')) {
    const isWrite = call.startsWith('w')
    const insert = {
      sql: 'INSERT INTO item (id, value) VALUES (:id, :value)',
      args: { id: crypto.randomUUID(), value },
    }
    const select = { sql: 'SELECT value FROM item WHERE id = :id', args: { id } }
    const statements = Array.from({ length: Number(call.slice(1)) }, (_, index) =>
      isWrite && index === 0 ? insert : select,
    )
    await client.batch(statements, isWrite ? 'write' : 'read')
  }
  return c.json({ id, sub: verified.payload.sub })
})

export default app

async function importKey(secret: string): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(secret.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}
