import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Fault, FaultPlan } from '../fault.ts'

type Lane = { calls: number; plan: FaultPlan }

/**
 * A proxy before the database. Each test has a lane of its own, `/lane/<name>/…`, with its own count of calls and its
 * own faults; `/control/<name>` reads the count (GET) and sets a plan, which starts the count again (PUT). `/backend`
 * starts another database and answers where it is.
 */
export async function startFaultProxy(
  target: string,
  startAnother: () => Promise<{ databaseUrl: string; proxyUrl: string }>,
): Promise<{ url: string; close: () => Promise<void> }> {
  const lanes = new Map<string, Lane>()
  const laneOf = (name: string): Lane => {
    const lane = lanes.get(name) ?? { calls: 0, plan: {} }
    lanes.set(name, lane)
    return lane
  }
  const server = createServer((request, response) => {
    const [, kind, name = '', ...path] = (request.url ?? '').split('/')
    const lane = laneOf(name)
    if (kind === 'backend') return void startAnother().then((backend) => response.end(JSON.stringify(backend)))
    const work =
      kind === 'control'
        ? control(lane, request, response)
        : relay(lane, { request, response, url: `${target}/${path.join('/')}` })
    work.catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${address.port}`, close }
}

async function control(lane: Lane, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'PUT') {
    lane.plan = JSON.parse(String(await readBody(request))) as FaultPlan
    lane.calls = 0
  }
  response.end(JSON.stringify({ calls: lane.calls }))
}

async function relay(
  lane: Lane,
  call: { request: IncomingMessage; response: ServerResponse; url: string },
): Promise<void> {
  const { request, response, url } = call
  lane.calls += 1
  const fault = lane.plan[lane.calls]
  const body = await readBody(request)
  if (fault !== undefined && answerInstead(fault, { request: body, response })) return
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array(body),
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (fault === 'drop') return void response.destroy()
  response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': bytes.length })
  if (fault !== 'cut') return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}

/** Plays the faults in which the call never reaches the database. */
function answerInstead(fault: Fault, { request, response }: { request: Buffer; response: ServerResponse }): boolean {
  switch (fault) {
    case 'refuse':
      response.destroy()
      return true
    case 'hang':
      return true
    case 'error':
      response.writeHead(500).end('{"error":"planted"}')
      return true
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"baton":null,"results":[{"type":"ok"}]}')
      return true
    case 'busy':
      response.writeHead(200, { 'content-type': 'application/json' }).end(busyAnswer(request))
      return true
    default:
      return false
  }
}

const LOCKED = { message: 'database is locked', code: 'SQLITE_BUSY' }

/** What the server says when the first step of a batch, its BEGIN, meets a lock: no step was done. */
function busyAnswer(request: Buffer): string {
  const { requests } = JSON.parse(String(request)) as { requests: { type: string; batch?: { steps: unknown[] } }[] }
  const results = requests.map(({ type, batch }) => {
    const steps = batch?.steps.map(() => null) ?? []
    const result = { step_results: steps, step_errors: [LOCKED, ...steps.slice(1)] }
    return { type: 'ok', response: batch ? { type, result } : { type } }
  })
  return JSON.stringify({ baton: null, base_url: null, results })
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
