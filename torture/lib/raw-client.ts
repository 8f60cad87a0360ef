import { connect } from 'node:net'

/** The longest wait for an answer; what should come comes much sooner. */
const TIMEOUT_MS = 15_000
/** What the buffers of a connection surely hold, so that it is read or sent as a whole. */
const BUFFERED_BYTES = 4_096
const MOST_TRIES = 10
/** How long a connection that stays open may still bring a further answer. */
const GRACE_MS = 400

/** A request of which nothing is put right: every text goes out as it stands, one byte for each character. */
export type WireRequest = {
  readonly method: string
  readonly target: string
  /** As lines, `Name: value`. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

/** An answer as it came. */
export type WireAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
  /** Whether the Worker gave it; without the id of a request, the runtime answered in its place. */
  readonly isOurs: boolean
}

/** The bytes of a request on a connection of its own. The usual headers are added unless they are there already. */
export function bytesOf({ method, target, headers, body }: WireRequest): Buffer {
  const names = headers.map((line) => line.split(':', 1)[0]?.trim().toLowerCase())
  const usual = ['Host: mfa.example', 'Connection: close']
  const length = body.length > 0 || ['POST', 'PATCH', 'PUT'].includes(method) ? [`Content-Length: ${body.length}`] : []
  const added = [...usual, ...length].filter((line) => !isSaid(line, names))
  const head = [`${method} ${target} HTTP/1.1`, ...added, ...headers, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

function isSaid(line: string, names: readonly (string | undefined)[]): boolean {
  const name = line.split(':', 1)[0]?.toLowerCase()
  return names.includes(name) || (name === 'content-length' && names.includes('transfer-encoding'))
}

/**
 * Sends a request; the first answer to it. A server that refuses a large body closes the connection before it has read
 * all of it, and the reset may overtake the answer: such a request is sent again.
 */
export async function ask(port: number, request: WireRequest): Promise<WireAnswer> {
  const tries = request.body.length > BUFFERED_BYTES ? MOST_TRIES : 1
  for (let tried = 0; tried < tries; tried += 1) {
    const [answer] = await exchange(port, bytesOf(request), { isHead: request.method === 'HEAD' })
    if (answer !== undefined) return answer
  }
  throw new Error(`no answer to ${request.method} ${request.target.slice(0, 100)}`)
}

/** Sends bytes, and reads whatever comes back until the connection ends or has been silent for a while. */
export async function exchange(
  port: number,
  bytes: Uint8Array,
  { isHead, timeoutMs = TIMEOUT_MS }: { readonly isHead: boolean; readonly timeoutMs?: number },
): Promise<readonly WireAnswer[]> {
  const received: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const end = () => socket.destroy()
    let timer = setTimeout(end, timeoutMs)
    socket.on('data', (chunk) => {
      received.push(chunk)
      if (readAnswers(Buffer.concat(received), isHead).length === 0) return
      clearTimeout(timer)
      timer = setTimeout(end, GRACE_MS)
    })
    socket.on('error', (error) => {
      // A server that has answered may close before it has read everything.
      if (received.length === 0 && !isBroken(error)) reject(error)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.write(bytes)
  })
  return readAnswers(Buffer.concat(received), isHead)
}

function isBroken(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

function readAnswers(bytes: Buffer, isHead: boolean): readonly WireAnswer[] {
  const answers: WireAnswer[] = []
  let rest = bytes
  for (let found = readAnswer(rest, isHead); found; found = readAnswer(rest, isHead)) {
    if (found.answer.status !== 100) answers.push(found.answer)
    rest = rest.subarray(found.length)
  }
  return answers
}

function readAnswer(bytes: Buffer, isHead: boolean): { answer: WireAnswer; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [statusLine = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const headers = new Headers(lines.map((line): [string, string] => splitHeader(line)))
  const hasBody = !isHead && status !== 204 && status >= 200
  const content = hasBody ? readContent(bytes.subarray(end + 4), headers) : { data: Buffer.alloc(0), length: 0 }
  if (content === undefined) return undefined
  const text = content.data.toString('utf8')
  const isOurs = headers.has('X-Request-Id')
  return { answer: { status, headers, text, body: readJson(headers, text), isOurs }, length: end + 4 + content.length }
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

/** The content of an answer once it is whole: of a length that was said, or in chunks. */
function readContent(bytes: Buffer, headers: Headers): { data: Buffer; length: number } | undefined {
  if (headers.get('Transfer-Encoding') === 'chunked') return readChunks(bytes)
  const length = Number(headers.get('Content-Length') ?? 0)
  return bytes.length < length ? undefined : { data: bytes.subarray(0, length), length }
}

function readChunks(bytes: Buffer): { data: Buffer; length: number } | undefined {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16)
    if (bytes.length < end + 2 + size + 2) return undefined
    chunks.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
    if (size === 0) return { data: Buffer.concat(chunks), length: at }
  }
}

function readJson(headers: Headers, text: string): Readonly<Record<string, unknown>> {
  return text !== '' && headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : {}
}
