import { createServer } from 'node:http'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { StepUpOptions } from '../../../packages/verify/src/enforce.ts'
import { requireStepUp as expressStepUp } from '../../../packages/verify/src/express.ts'
import { requireStepUp as fastifyStepUp } from '../../../packages/verify/src/fastify.ts'
import { requireStepUp as honoStepUp } from '../../../packages/verify/src/hono.ts'
import type { StepUpClaims } from '../../../packages/verify/src/verify.ts'
import { requireStepUp as webStepUp } from '../../../packages/verify/src/web.ts'

/** An application with one protected route. */
export type Application = {
  readonly send: (headers: Readonly<Record<string, string>>) => Promise<Response>
  /** The claims that the route was given, once for each request that reached it. */
  readonly reached: readonly (StepUpClaims | undefined)[]
  readonly end: () => Promise<void>
}

type Start = (options: StepUpOptions<unknown>) => Promise<Application>

/** The same application in each framework that has an adapter. */
export const FRAMEWORKS: readonly { readonly framework: string; readonly start: Start }[] = [
  { framework: 'Hono', start: startHono },
  { framework: 'Express', start: startExpress },
  { framework: 'Fastify', start: startFastify },
  { framework: 'a web-standard handler', start: startWeb },
]

async function startHono(options: StepUpOptions<unknown>): Promise<Application> {
  const reached: (StepUpClaims | undefined)[] = []
  const app = new Hono()
    .onError((_, c) => c.text('', 500))
    .post('/', honoStepUp(options), (c) => {
      reached.push(c.get('stepUp'))
      return c.json({})
    })
  return { reached, send: async (headers) => app.request('/', { method: 'POST', headers }), end: async () => {} }
}

async function startExpress(options: StepUpOptions<unknown>): Promise<Application> {
  const reached: (StepUpClaims | undefined)[] = []
  const app = express()
  app.set('env', 'test')
  app.post('/', expressStepUp(options), (request, response) => {
    reached.push(request.stepUp)
    response.json({})
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  const send = (headers: Readonly<Record<string, string>>) =>
    fetch(`http://127.0.0.1:${address.port}/`, { method: 'POST', headers })
  const end = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { reached, send, end }
}

async function startFastify(options: StepUpOptions<unknown>): Promise<Application> {
  const reached: (StepUpClaims | undefined)[] = []
  const app = fastify()
  app.post('/', { preHandler: fastifyStepUp(options) }, async (request) => {
    reached.push(request.stepUp)
    return {}
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { reached, send: (headers) => fetch(url, { method: 'POST', headers }), end: () => app.close() }
}

async function startWeb(options: StepUpOptions<unknown>): Promise<Application> {
  const reached: (StepUpClaims | undefined)[] = []
  const handle = webStepUp(options, (_, stepUp) => {
    reached.push(stepUp)
    return Response.json({})
  })
  const send = (headers: Readonly<Record<string, string>>) =>
    handle(new Request('https://api.example.com/', { method: 'POST', headers })).catch(
      () => new Response('', { status: 500 }),
    )
  return { reached, send, end: async () => {} }
}
