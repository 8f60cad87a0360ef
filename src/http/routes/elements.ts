import { Hono } from 'hono'
import type { HttpEnv } from '../env.ts'
import { answerFile, BRIEFLY, FOREVER, segment } from '../files.ts'

const LATEST = 'latest'

/** `GET /elements/{version}/{file}`: the custom elements, for the pages of every origin. */
export const elements = new Hono<HttpEnv>().get('/:version/:file', async (c) => {
  const cacheControl = c.req.param('version') === LATEST ? BRIEFLY : FOREVER
  const answer = await answerFile(c, `/elements/${segment(c, 'version')}/${segment(c, 'file')}`, cacheControl)
  c.header('Access-Control-Allow-Origin', '*')
  return answer
})
