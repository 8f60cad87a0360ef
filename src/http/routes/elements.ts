import { answerFile, IMMUTABLE_CACHE, SHORT_CACHE, segment } from '../files.ts'
import { newHono } from '../hono.ts'

const LATEST = 'latest'

/** `GET /elements/{version}/{file}`: the custom elements, which every origin may load. */
export const elements = newHono().get('/:version/:file', async (c) => {
  const cacheControl = c.req.param('version') === LATEST ? SHORT_CACHE : IMMUTABLE_CACHE
  const response = await answerFile(c, `/elements/${segment(c, 'version')}/${segment(c, 'file')}`, cacheControl)
  response.headers.set('Access-Control-Allow-Origin', '*')
  return response
})
