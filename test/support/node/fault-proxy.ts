import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, FaultPlan } from '../fault.ts'
import { listen } from './loopback.ts'

/** How long a slow call takes: less than its deadline. */
const SLOW_MS = 300
const JSON_TYPE = { 'content-type': 'application/json' }
/** Connections to the database are kept: most of the time of a test is calls through here. */
const agent = new Agent({ keepAlive: true })

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
  return listen(server)
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
  if (fault === 'slow') await sleep(SLOW_MS)
  if (fault === 'twice') await forward(url, body)
  const { status, bytes } = await forward(url, body)
  if (fault === 'drop') return void response.destroy()
  response.writeHead(status, { ...JSON_TYPE, 'content-length': bytes.length })
  if (fault !== 'cut') return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}

/** Asks for no compression, as `fetch` would: it costs the database and the proxy more than all the rest. */
async function forward(url: string, body: Buffer): Promise<{ status: number; bytes: Buffer }> {
  const headers = { ...JSON_TYPE, 'content-length': body.length }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send(url, { method: 'POST', headers, agent }, resolve).once('error', reject).end(body)
  })
  return { status: answer.statusCode ?? 0, bytes: await readBody(answer) }
}

/** Plays the faults in which the call never reaches the database; false for every other one. */
function answerInstead(fault: Fault, { request, response }: { request: Buffer; response: ServerResponse }): boolean {
  if (fault === 'hang') return true
  if (fault === 'refuse') {
    response.destroy()
    return true
  }
  const answer = cannedAnswer(fault, request)
  if (answer === undefined) return false
  response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body)
  return true
}

function cannedAnswer(fault: Fault, request: Buffer): { status: number; type: string; body: string } | undefined {
  const json = (status: number, body: string) => ({ status, type: 'application/json', body })
  switch (fault) {
    case 'error':
      return json(500, '{"error":"planted"}')
    case 'limited':
      return json(429, '{"error":"planted"}')
    case 'denied':
      return json(401, '{"error":"planted"}')
    case 'missing':
      return json(404, '{"error":"planted"}')
    case 'garbage':
      return json(200, '{"baton":null,"results":[{"type":"ok"}]}')
    case 'noise':
      return { status: 200, type: 'text/html', body: '<!doctype html><title>planted</title>' }
    case 'busy':
      return json(200, failedBatch(request, { message: 'database is locked', code: 'SQLITE_BUSY' }))
    case 'full':
      return json(200, failedBatch(request, { message: 'database or disk is full', code: 'SQLITE_FULL' }))
    case 'ioerr':
      return json(200, failedBatch(request, { message: 'disk I/O error', code: 'SQLITE_IOERR' }))
    default:
      return undefined
  }
}

/** What the server says when the first step of a batch, its BEGIN, fails: no step was done. */
function failedBatch(request: Buffer, error: { message: string; code: string }): string {
  const { requests } = JSON.parse(String(request)) as { requests: { type: string; batch?: { steps: unknown[] } }[] }
  const results = requests.map(({ type, batch }) => {
    const steps = batch?.steps.map(() => null) ?? []
    const result = { step_results: steps, step_errors: [error, ...steps.slice(1)] }
    return { type: 'ok', response: batch ? { type, result } : { type } }
  })
  return JSON.stringify({ baton: null, base_url: null, results })
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
