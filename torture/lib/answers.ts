import { expect } from 'vitest'
import { expectDocumentedAt } from '../../test/support/documented.ts'
import type { WireAnswer, WireRequest } from './raw-client.ts'

/** Stands in bodies, headers, paths and queries that are refused: no answer and no line of the log may repeat it. */
export const CANARY = 'planted-canary-5f1c'
/** The one origin whose pages may read the answers. */
export const ORIGIN = 'https://app.example'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Headers of every answer, whatever was asked. */
const SECURITY_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const
/** What no answer has: nothing is kept in a browser, and nobody is sent elsewhere. */
const NO_HEADERS = ['Set-Cookie', 'Location', 'Refresh', 'Access-Control-Allow-Credentials', 'X-Evil']
/** What the runtime says itself about requests that are no HTTP, or are none of a Worker. */
const RUNTIME_STATUS = [400, 413, 414, 417, 431, 501, 505]
/** Paths of files, which the bare service has none of. */
const FILES = /^\/(openapi\.json|docs)$/

/** What every answer is held against. */
export type Oracle = {
  /** What `type` of a problem begins with, whatever the request says of its host. */
  readonly publicUrl: string
}

/** Fails unless this is an answer that the contract lets such a request have: documented, well-formed and discreet. */
export function expectHeld(request: WireRequest, answer: WireAnswer, { publicUrl }: Oracle): void {
  const what = describe(request, answer)
  if (answer.isOurs) expectFromWorker(request, answer, { publicUrl, what })
  else expectFromRuntime(request, answer, what)
}

function expectFromWorker(request: WireRequest, answer: WireAnswer, oracle: Oracle & { readonly what: string }): void {
  const { what } = oracle
  expect(answer.status, what).toBeLessThan(500)
  expect(JSON.stringify([...answer.headers]), what).not.toContain(CANARY)
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect(answer.headers.get(name), what).toBe(value)
  for (const name of NO_HEADERS) expect(answer.headers.get(name), what).toBeNull()
  const origins = [null, ...request.headers.filter((line) => line === `Origin: ${ORIGIN}`).map(() => ORIGIN)]
  expect(origins, what).toContain(answer.headers.get('Access-Control-Allow-Origin'))
  if (readingsOf(request).every((path) => path.startsWith('/api/')))
    expect(answer.headers.get('Cache-Control'), what).toBe('no-store')
  if (answer.status >= 400) expectProblem(request, answer, oracle)
  expectOneDocument(request, answer, what)
}

function expectFromRuntime({ method }: WireRequest, answer: WireAnswer, what: string): void {
  // No Worker is ever asked to be a tunnel.
  if (method === 'CONNECT') return
  expect(RUNTIME_STATUS, what).toContain(answer.status)
  expect(answer.text, what).not.toContain(CANARY)
}

/** Every member of a problem, and nothing of what was sent in it. @see RFC 9457 §3.1 */
function expectProblem(
  { method }: WireRequest,
  { status, headers, body, text }: WireAnswer,
  { publicUrl, what }: Oracle & { readonly what: string },
): void {
  expect(headers.get('Content-Type'), what).toBe('application/problem+json')
  expect(headers.get('X-Request-Id'), what).toMatch(UUID)
  expect(text, what).not.toContain(CANARY)
  if (status === 401) expect(headers.get('WWW-Authenticate'), what).toMatch(/^Bearer realm="mfa"/)
  if (status === 405) expect(headers.get('Allow'), what).toMatch(/^[A-Z]+(, [A-Z]+)*$/)
  if (method === 'HEAD') return
  const requestId = headers.get('X-Request-Id')
  expect(body, what).toMatchObject({ status, requestId, instance: `urn:uuid:${requestId}`, error: body['detail'] })
  expect(String(body['type']), what).toMatch(/\/problems\/[a-z-]+$/)
  expect(String(body['type']).startsWith(`${publicUrl}/problems/`), what).toBe(true)
}

/** A path may be served as it stands, without its dots, or decoded; it must be documented as one of them. */
function expectOneDocument(request: WireRequest, answer: WireAnswer, what: string): void {
  const paths = readingsOf(request)
  if (paths.some((path) => FILES.test(path)) && answer.status === 404) return
  const { method } = request
  const failures = paths.map((pathname) => failureOf(() => expectDocumentedAt({ method, pathname }, answer)))
  if (failures.every((failure) => failure !== undefined)) expect.fail(`${what}\n${failures[0]}`)
}

/** The paths that a runtime may read out of a request: of the target alone, or of it behind the host. */
function readingsOf({ target, headers }: WireRequest): readonly string[] {
  const host =
    headers
      .find((line) => line.startsWith('Host:'))
      ?.slice('Host:'.length)
      .trim() ?? 'host.invalid'
  const url = /^[a-z]+:\/\//i.test(target) ? target : `http://${host}${target.startsWith('/') ? '' : '/'}${target}`
  const [, plain = '/'] = /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url) ?? []
  const paths = [plain, URL.parse(url)?.pathname ?? '/']
  // What is no path may be read as a part of the host, or as nothing.
  return [...new Set([...paths, ...paths.map(decoded), ...(target.startsWith('/') ? [] : ['/'])])]
}

function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

function failureOf(check: () => void): unknown {
  try {
    check()
    return undefined
  } catch (error) {
    return error
  }
}

function describe({ method, target, headers, body }: WireRequest, { status, text }: WireAnswer): string {
  const sent = `${method} ${target.slice(0, 300)} ${JSON.stringify(headers).slice(0, 500)}`
  const content = JSON.stringify(Buffer.from(body).toString('latin1')).slice(0, 500)
  return `${sent} ${content}\nanswered ${status} ${text.slice(0, 500)}`
}
