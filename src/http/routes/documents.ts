import { Hono } from 'hono'
import type { HttpEnv } from '../env.ts'
import { answerFile, segment } from '../files.ts'

/** `GET /openapi.json`, `/docs` and `/problems/{name}`: the contract, for programs and for people. */
export const documents = new Hono<HttpEnv>()
  .get('/openapi.json', (c) => answerFile(c, '/openapi.json'))
  .get('/docs', (c) => answerFile(c, '/docs.html'))
  .get('/problems/:name', (c) => answerFile(c, `/problems/${segment(c, 'name')}.html`))
  .get('/assets/:file', (c) => answerFile(c, `/assets/${segment(c, 'file')}`))
