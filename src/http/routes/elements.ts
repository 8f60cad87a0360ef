import { answerFile, BRIEFLY, FOREVER, segment } from '../files.ts'
import { newHono } from '../hono.ts'

const LATEST = 'latest'

/** `GET /elements/{version}/{file}`: the custom elements, for the pages of every origin. */
export const elements = newHono().get('/:version/:file', async (c) => {
  const cacheControl = c.req.param('version') === LATEST ? BRIEFLY : FOREVER
  const answer = await answerFile(c, `/elements/${segment(c, 'version')}/${segment(c, 'file')}`, cacheControl)
  answer.headers.set('Access-Control-Allow-Origin', '*')
  return answer
})
