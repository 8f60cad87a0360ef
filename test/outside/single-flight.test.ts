import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { buildWorker, startWorkerd, type Workerd } from '../../scripts/lib/workerd.ts'

/*
 * What one request does for all of an isolate, in the bare runtime and with requests of their own: there a request that
 * awaits the promise of another one hangs when that one ends early.
 */

const START_TIMEOUT_MS = 120_000
const STATUS = '/api/user/profile/mfa'
const DEEP = '/health?deep=1'
/** After a failed request, the time until the source is asked again. */
const RETRY_MS = 2_100
/** The deadline of a key set's source, and time for what is around it. */
const SOURCE_MS = 2_500

const { privateKey, publicKey } = await generateKeyPair('ES256')
const KEY_SET = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] })

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

/** A foreign server that behaves as it is told, and counts its requests. */
async function startForeign() {
  const foreign = { asked: 0, behave: publish }
  const server = createServer((request, response) => {
    foreign.asked += 1
    request.resume()
    foreign.behave(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const end = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return Object.assign(foreign, { url: `http://127.0.0.1:${address.port}`, end })
}

const publish: Behaviour = (_request, response) => void response.end(KEY_SET)
const hang: Behaviour = () => undefined
const publishLate: Behaviour = (_request, response) => void setTimeout(() => response.end(KEY_SET), 800)
const drip: Behaviour = (_request, response) => {
  response.write('{"keys":[')
  const timer = setInterval(() => response.write(' '), 50)
  response.once('close', () => clearInterval(timer))
}
const redirect: Behaviour = ({ url }, response) => {
  if (url === '/moved') response.end(KEY_SET)
  else response.writeHead(302, { Location: '/moved' }).end()
}
const publishTooMuch: Behaviour = (_request, response) => void response.end(KEY_SET.padEnd(257 * 1024))

let script: string
let service: BareService
let foreign: Awaited<ReturnType<typeof startForeign>>
let isolate: Workerd

beforeAll(async () => {
  script = await buildWorker()
  service = await startBareService({ script })
}, START_TIMEOUT_MS)

afterAll(async () => {
  await service.end()
})

afterEach(async () => {
  await isolate.end()
  await foreign.end()
})

/** A new isolate, whose foreign server is the source of its key set or its database. */
async function startIsolate(as: 'source' | 'database'): Promise<void> {
  foreign = await startForeign()
  const overrides =
    as === 'source'
      ? { AUTH_HS256_SECRET: '', AUTH_JWKS_URL: `${foreign.url}/jwks.json` }
      : { TURSO_DATABASE_URL: foreign.url }
  isolate = await startWorkerd({ script, settings: { ...service.settings, ...overrides }, port: await freePort() })
}

async function newToken(kid = 'one'): Promise<string> {
  const { AUTH_ISSUER: issuer = '', AUTH_AUDIENCE: audience = '' } = service.settings
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('alice')
    .setExpirationTime('10 minutes')
    .sign(privateKey)
}

async function statusOf(path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(`${isolate.url}${path}`, { signal: AbortSignal.timeout(8_000), ...init })
  await response.arrayBuffer()
  return response.status
}

async function withToken(kid?: string): Promise<RequestInit> {
  return { headers: { Authorization: `Bearer ${await newToken(kid)}` } }
}

/** Sends a request and resets its connection after 300 ms, at which the runtime ends it. */
async function sendAndLeave(path: string, { headers }: RequestInit): Promise<void> {
  const { hostname, port } = new URL(isolate.url)
  const socket = connect(Number(port), hostname)
  const lines = [...new Headers(headers)].map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n${lines.join('')}\r\n`)
  await sleep(300)
  socket.resetAndDestroy()
}

/** Sends a request whose client leaves, and `count` others while it is under way; answers what those got. */
async function behindOneThatEnds(count: number, path: string, init: RequestInit): Promise<ReadonlySet<number>> {
  const leaving = sendAndLeave(path, init)
  await sleep(100)
  expect(foreign.asked).toBe(1)
  const statuses = await Promise.all(Array.from({ length: count }, () => statusOf(path, init)))
  await leaving
  return new Set(statuses)
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ value: Value; ms: number }> {
  const startedAt = performance.now()
  return { value: await work(), ms: performance.now() - startedAt }
}

describe('the key set of an isolate that knows no keys', () => {
  it('comes to those who wait also when the client of the asking request leaves', async () => {
    await startIsolate('source')
    foreign.behave = publishLate
    expect(await behindOneThatEnds(5, STATUS, await withToken())).toEqual(new Set([200]))
    expect(await statusOf(STATUS, await withToken())).toBe(200)
    expect(foreign.asked).toBe(1)
  })

  it('is given up in time when the source hangs and that client leaves, and comes with a later request', async () => {
    await startIsolate('source')
    foreign.behave = hang
    const init = await withToken()
    const { value, ms } = await timed(() => behindOneThatEnds(5, STATUS, init))
    expect(value).toEqual(new Set([503]))
    expect(ms).toBeLessThan(SOURCE_MS)
    foreign.behave = publish
    await sleep(RETRY_MS)
    const later = await Promise.all(Array.from({ length: 5 }, () => statusOf(STATUS, init)))
    expect([new Set(later), foreign.asked]).toEqual([new Set([200]), 2])
  })

  it.each([
    ['hangs', hang],
    ['sends a body that does not end', drip],
    ['redirects', redirect],
    ['sends 257 KiB', publishTooMuch],
  ])('is asked for once by forty requests while its source %s', async (_, behave) => {
    await startIsolate('source')
    foreign.behave = behave
    const init = await withToken()
    const { value, ms } = await timed(() => Promise.all(Array.from({ length: 40 }, () => statusOf(STATUS, init))))
    expect([new Set(value), foreign.asked]).toEqual([new Set([503]), 1])
    expect(ms).toBeLessThan(SOURCE_MS)
  })

  it('is asked for twice a minute at most, by valid tokens and made-up key ids', async () => {
    await startIsolate('source')
    foreign.behave = (_request, response) => void response.writeHead(500).end()
    for (const [kid, expected] of [
      ['one', 503],
      ['made-up', 503],
    ] as const) {
      expect(await statusOf(STATUS, await withToken(kid))).toBe(expected)
      await sleep(RETRY_MS)
    }
    foreign.behave = publish
    for (let count = 0; count < 10; count += 1) await statusOf(STATUS, await withToken(`made-up-${count}`))
    expect(foreign.asked).toBe(2)
  })
})

describe('the deep health of an isolate', () => {
  it('costs one call of a database that hangs, also when the client of that request leaves', async () => {
    await startIsolate('database')
    foreign.behave = hang
    const { value, ms } = await timed(() => behindOneThatEnds(50, DEEP, {}))
    expect([value, foreign.asked]).toEqual([new Set([503]), 1])
    expect(ms).toBeLessThan(5_000)
    expect(await statusOf('/health')).toBe(200)
  })
})
