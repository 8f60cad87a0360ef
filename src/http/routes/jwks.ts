import { newHono } from '../hono.ts'

const MAX_AGE_SECONDS = 300

/** `GET /.well-known/jwks.json`: the public keys that verify step-up tokens. */
export const jwks = newHono().get('/', async (c) => {
  c.header('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`)
  return c.json(await c.env.stepUp.publicKeys())
})
