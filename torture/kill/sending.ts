import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Entry, Operation, Outcome, Proof } from './history.ts'

const PROFILE = '/api/user/profile/mfa'
/** Far beyond what the service promises. */
const TIMEOUT_MS = 20_000

/** How a client goes away: by itself at some moment, or with a reset once all was sent; undefined when it stays. */
export type HangUp = { readonly how: 'abort' | 'reset'; readonly afterMs: number } | undefined

/** What is asked, and of whom. */
export type Asked = {
  readonly url: string
  readonly token: string
  readonly sub: string
  readonly operation: Operation
  readonly proof?: Proof | undefined
  /** The proof as it is sent. */
  readonly body?: object
  readonly target?: string
  readonly hangUp?: HangUp
}

/** Sends a request over a connection of its own, once, and notes what came of it. Never throws. */
export async function send(asked: Asked): Promise<Entry> {
  const { sub, operation, proof, target } = asked
  const id = crypto.randomUUID()
  const startedAt = now()
  const outcome = await exchange(asked, id)
  return { id, sub, operation, proof, target, startedAt, endedAt: now(), outcome }
}

/** Moments that never go back. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

function exchange(asked: Asked, id: string): Promise<Outcome> {
  const { url, token, operation, body = {}, target = '', hangUp } = asked
  const method = operation === 'status' ? 'GET' : 'POST'
  const text = method === 'POST' ? JSON.stringify(body) : ''
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': id, ...lengthOf(text) }
  return new Promise((resolve) => {
    let isConnected = false
    const lose = () => resolve({ kind: isConnected ? 'unanswered' : 'unsent' })
    const sent = request(`${url}${pathOf(operation, target)}`, { method, headers, agent: false, timeout: TIMEOUT_MS })
    sent.on('socket', (socket) => socket.once('connect', () => (isConnected = true)))
    sent.on('error', lose).on('timeout', () => sent.destroy())
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', lose)
        .on('close', lose)
      response.on('end', () => resolve(toOutcome(response.statusCode, response.headers['retry-after'], chunks)))
    })
    if (hangUp?.how === 'abort') sleep(hangUp.afterMs).then(() => sent.destroy())
    if (hangUp?.how === 'reset') {
      sent.on('finish', () => void sleep(hangUp.afterMs).then(() => sent.socket?.resetAndDestroy()))
    }
    sent.end(text)
  })
}

function lengthOf(text: string): Readonly<Record<string, string>> {
  return text === '' ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
}

function pathOf(operation: Operation, target: string): string {
  const paths = {
    status: '',
    setup: '/setup',
    verify: '/verify',
    challenge: '/challenge',
    regenerate: '/backup-codes',
    disable: '/disable',
    remove: `/authenticators/${target}/remove`,
  } satisfies Record<Operation, string>
  return `${PROFILE}${paths[operation]}`
}

/** An answer that is cut short is none. */
function toOutcome(status: number | undefined, retryAfter: string | undefined, chunks: readonly Buffer[]): Outcome {
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Readonly<Record<string, unknown>>
    const { type } = body
    const problem = typeof type === 'string' ? type.split('/').at(-1) : undefined
    return { kind: 'answered', status: status ?? 0, problem, retryAfter, body }
  } catch {
    return { kind: 'unanswered' }
  }
}
