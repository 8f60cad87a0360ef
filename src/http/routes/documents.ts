import { answerFile, segment } from '../files.ts'
import { newHono } from '../hono.ts'

/** `GET /openapi.json`, `/docs` and `/problems/{name}`: the OpenAPI document, the reference, a page for each problem. */
export const documents = newHono()
  .get('/openapi.json', (c) => answerFile(c, '/openapi.json'))
  .get('/docs', (c) => answerFile(c, '/docs.html'))
  .get('/problems/:name', (c) => answerFile(c, `/problems/${segment(c, 'name')}.html`))
  .get('/assets/:file', (c) => answerFile(c, `/assets/${segment(c, 'file')}`))
