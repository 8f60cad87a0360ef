import { createExecutionContext, createScheduledController, waitOnExecutionContext } from 'cloudflare:test'
import { env as bindings } from 'cloudflare:workers'
import { exportJWK, generateKeyPair } from 'jose'
import { vi } from 'vitest'
import worker from '../../src/worker.ts'
import { backend } from './backend.ts'
import { expectDocumented } from './documented.ts'
import type { FaultPlan } from './fault.ts'
import { SECRETS } from './secrets.ts'
import { accessToken } from './tokens.ts'

/** Where every operation of a user stands. */
export const PROFILE = '/api/user/profile/mfa'
/** What the Worker under test calls itself. */
export const PUBLIC_URL = 'https://mfa.example'

const { privateKey } = await generateKeyPair('ES256', { extractable: true })

/** The step-up signing key of the Worker under test. */
export const SIGNING_JWK = await exportJWK(privateKey)

/** A request to the Worker under test; a body that is no text is sent as JSON. */
export type Call = {
  readonly token?: string | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer, with its body read as JSON where it is some. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
  readonly text: string
}

/** The Worker under test behind a lane of the fault proxy. */
export type Service = Awaited<ReturnType<typeof startService>>

/** A whole configuration; `undefined` takes a setting out. */
export function settings(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    PUBLIC_URL,
    TURSO_DATABASE_URL: backend.databaseUrl,
    AUTH_ISSUER: 'https://issuer.example',
    AUTH_AUDIENCE: 'edge-mfa',
    AUTH_HS256_SECRET: SECRETS.hs256,
    MFA_KEYS: `k1:${SECRETS.master}`,
    MFA_ISSUER: 'Example & Söhne',
    STEP_UP_PRIVATE_JWK: JSON.stringify(SIGNING_JWK),
    STEP_UP_AUDIENCE: 'https://api.example',
    ...overrides,
  }
}

/**
 * The Worker with a configuration of its own. Its calls go straight to the database until a test plans faults or counts
 * calls: from then on they go through a lane of the fault proxy, in an isolate's state of its own. A test that relies on
 * what an earlier request left there plans first: `plan({})`.
 */
export function startService(overrides: Readonly<Record<string, unknown>> = {}) {
  const lane = crypto.randomUUID()
  const controlUrl = `${backend.proxyUrl}/control/${lane}`
  const envFor = (url: string) =>
    settings({ TURSO_DATABASE_URL: url, ASSETS: bindings.ASSETS, ...overrides }) as unknown as Env
  let env = envFor(backend.databaseUrl)

  let isLaned = false
  const contexts: ExecutionContext[] = []

  /** Sends a request, and holds the answer against the document of the contract. */
  async function send(request: Request): Promise<Answer> {
    const context = createExecutionContext()
    contexts.push(context)
    // Cast at the edge: the runtime's Request has members that a handler's argument narrows.
    const response = await worker.fetch(request as Parameters<typeof worker.fetch>[0], env, context)
    const text = await response.text()
    const isJson = text !== '' && (response.headers.get('Content-Type')?.includes('json') ?? false)
    const { status, headers } = response
    const answer = { status, headers, text, body: isJson ? JSON.parse(text) : {} }
    expectDocumented(request, answer)
    return answer
  }

  async function call(operation: string, { token, body, headers }: Call = {}): Promise<Answer> {
    const [method = 'GET', path = '/'] = operation.split(' ')
    return send(
      new Request(`${PUBLIC_URL}${path}`, {
        method,
        headers: {
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && {
          body: body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body),
        }),
      }),
    )
  }

  /** Calls of the database that `work` makes, failing as planned. */
  async function countCalls(work: () => Promise<unknown>, faults: FaultPlan = {}): Promise<number> {
    await plan(faults)
    await work()
    return ((await (await fetch(controlUrl)).json()) as { calls: number }).calls
  }

  /** Makes the calls that follow fail as planned. */
  async function plan(faults: FaultPlan): Promise<void> {
    if (!isLaned) env = envFor(`${backend.proxyUrl}/lane/${lane}/`)
    isLaned = true
    await (await fetch(controlUrl, { method: 'PUT', body: JSON.stringify(faults) })).text()
  }

  /** Waits for what requests left to be done after their answers. */
  async function settled(): Promise<void> {
    await Promise.all(contexts.splice(0).map((context) => waitOnExecutionContext(context)))
  }

  /** One tick of the cron. */
  async function tick(): Promise<void> {
    await worker.scheduled(createScheduledController(), env)
  }

  return { send, call, countCalls, plan, settled, tick }
}

/** A subject nobody else in the tests has, and a token for it. */
export async function newUser(claims: Readonly<Record<string, unknown>> = {}): Promise<{ sub: string; token: string }> {
  const sub = `user-${crypto.randomUUID()}`
  return { sub, token: await accessToken({ sub, ...claims }) }
}

/** The lines that the Worker logs from now on, parsed. */
export function captureLog(): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(JSON.parse(line))
  })
  return lines
}
