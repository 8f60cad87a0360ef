import type { Env } from 'hono'
import { HonoBase } from 'hono/hono-base'
import { TrieRouter } from 'hono/router/trie-router'
import type { HttpEnv } from './env.ts'

/**
 * Creates a Hono app or a group of routes with the TrieRouter. Hono's default router compiles its routes at the first
 * request, which slows cold starts; the routers of its smaller presets ignore a trailing slash.
 */
export function newHono<Environment extends Env = HttpEnv>(): HonoBase<Environment> {
  return new HonoBase({ router: new TrieRouter() })
}
