import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'

/** A request as it is sent, its body in JSON already. */
export type WireRequest = {
  readonly method: string
  readonly path: string
  readonly token?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer as it came, and how long it took from the first byte sent to the last one read. */
export type WireAnswer = {
  readonly status: number
  /** In the order and the spelling in which they came. */
  readonly headers: readonly (readonly [string, string])[]
  readonly text: string
  readonly milliseconds: number
}

/** Where requests are sent. */
export type Wire = {
  readonly send: (wireRequest: WireRequest) => Promise<WireAnswer>
  readonly close: () => void
}

/** The runtime closes a connection that nobody has used for 5 s: whoever sends at that moment gets no answer. */
const IDLE_MS = 3_000

/** Connections that are kept and used again; no more than `sockets` at a time, requests beyond them wait here. */
export function openWire(url: string, options: { readonly sockets: number; readonly timeoutMs: number }): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: options.sockets, scheduling: 'lifo', timeout: IDLE_MS })
  const send = (wireRequest: WireRequest) => exchange(url, { wireRequest, agent, timeoutMs: options.timeoutMs })
  return { send, close: () => agent.destroy() }
}

/** The value of a header, by its name in any spelling. */
export function headerOf({ headers }: WireAnswer, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}

/** The members of an answer in JSON. */
export function membersOf({ text }: WireAnswer): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}

function exchange(
  url: string,
  options: { wireRequest: WireRequest; agent: Agent; timeoutMs: number },
): Promise<WireAnswer> {
  const { wireRequest, agent, timeoutMs } = options
  const { method, path, body = '' } = wireRequest
  const headers = headersOf(wireRequest)
  return new Promise((resolve, reject) => {
    let startedAt = performance.now()
    const outgoing = httpRequest(`${url}${path}`, { method, headers, agent }, (incoming) => {
      read(incoming).then(
        (text) => resolve({ ...answerOf(incoming, text), milliseconds: performance.now() - startedAt }),
        reject,
      )
    })
    // A request that waited for a free connection has not been sent before.
    outgoing.once('socket', () => {
      startedAt = performance.now()
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

function headersOf({ token, body, headers = {} }: WireRequest): Record<string, string | number> {
  return {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    ...headers,
  }
}

async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function answerOf({ statusCode = 0, rawHeaders }: IncomingMessage, text: string) {
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  )
  return { status: statusCode, headers, text }
}
