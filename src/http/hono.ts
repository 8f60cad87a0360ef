import type { Env } from 'hono'
import { HonoBase } from 'hono/hono-base'
import { TrieRouter } from 'hono/router/trie-router'
import type { HttpEnv } from './env.ts'

/**
 * An app of Hono, or a part of one. Its default router prepares itself at the first request, which is time of every cold
 * start; those of its smaller presets take a path with a slash at the end for the one without. This one does neither.
 */
export function newHono<Environment extends Env = HttpEnv>(): HonoBase<Environment> {
  return new HonoBase({ router: new TrieRouter() })
}
