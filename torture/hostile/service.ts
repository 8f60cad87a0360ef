import { expect } from 'vitest'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { type Enrolled, enroll } from '../../test/support/node/enroll.ts'
import { CANARY, expectHeld, ORIGIN } from '../lib/answers.ts'
import { ask, exchange, type WireAnswer, type WireRequest } from '../lib/raw-client.ts'
import { builtWorker } from '../lib/run.ts'
import { type Dump, openDump } from './database.ts'

const PROFILE = '/api/user/profile/mfa'
/** How long bytes that are no request are waited upon; a body that is never whole has its answer after two seconds. */
const RAW_TIMEOUT_MS = 4_000
const ENROLLED = 'enrolled-subject'
const FRESH = 'fresh-subject'
const MEMBERS_OF_A_LINE = [
  'time',
  'level',
  'requestId',
  'operation',
  'status',
  'problem',
  'reason',
  'issuer',
  'subject',
  'durationMs',
  'databaseRoundTrips',
]

/** Who asks: subjects with MFA on, with nothing, and an administrator. */
export type Cast = {
  readonly enrolled: Enrolled & { readonly sub: string; readonly authenticatorId: string }
  readonly fresh: { readonly token: string }
  readonly administrator: { readonly token: string; readonly sub: string }
}

/** A bare service under siege: whoever asks it holds each answer, its rows and its log against the contract. */
export type HostileService = Awaited<ReturnType<typeof startHostileService>>

/** Starts one, with a subject that has MFA on, one that has nothing, and an administrator. */
export async function startHostileService() {
  const log: string[] = []
  const service = await startBareService({
    script: builtWorker(),
    overrides: { CORS_ORIGINS: ORIGIN },
    onLine: (line) => log.push(line),
  })
  const cast = await castOf(service)
  const dump = await openDump(service.databaseUrl)
  const port = Number(new URL(service.url).port)
  const oracle = { publicUrl: service.url }
  let asked = 0

  /** Asks, and holds the answer against the contract. */
  async function send(request: WireRequest): Promise<WireAnswer> {
    asked += 1
    const answer = await ask(port, request)
    expectHeld(request, answer, oracle)
    return answer
  }

  /** Sends bytes that may be no request at all; what the Worker says to them is held against the contract. */
  async function sendRaw(text: string): Promise<readonly WireAnswer[]> {
    asked += 1
    const answers = await exchange(port, Buffer.from(text, 'latin1'), { isHead: false, timeoutMs: RAW_TIMEOUT_MS })
    const [method, target] = text.startsWith('POST') ? ['POST', `${PROFILE}/verify`] : ['GET', PROFILE]
    const [answer] = answers
    if (answer?.isOurs) expectHeld({ method, target, headers: [], body: Buffer.from(text, 'latin1') }, answer, oracle)
    return answers
  }

  /** Does something that must change nothing that is stored. */
  async function expectUnchanged(what: string, work: () => Promise<unknown>): Promise<void> {
    const before: Dump = await dump()
    await work()
    expect(await dump(), what).toEqual(before)
  }

  /** Whether it still serves; a runtime that fell over would not. */
  async function expectAlive(): Promise<void> {
    const answer = await send({ method: 'GET', target: '/health?deep=1', headers: [], body: Buffer.alloc(0) })
    expect(answer).toMatchObject({ status: 200, body: { status: 'ok' } })
  }

  return {
    ...{ service, cast, port, log, send, sendRaw, dump, expectUnchanged, expectAlive },
    asked: () => asked,
    /** The same cast with nothing to lose: whoever acts, acts on a subject without MFA. */
    bystanders: { ...cast, enrolled: { ...cast.enrolled, token: cast.fresh.token, sub: FRESH } },
    /** Fails if the log says more than it should. */
    expectDiscreetLog: () => expectDiscreetLog(log, secretsOf(service, cast)),
    end: service.end,
  }
}

async function castOf(service: BareService): Promise<Cast> {
  const enrolled = await enroll(service, ENROLLED)
  const response = await fetch(`${service.url}${PROFILE}`, { headers: { Authorization: `Bearer ${enrolled.token}` } })
  const { authenticators } = (await response.json()) as { authenticators: readonly { id: string }[] }
  const sub = 'administrator'
  return {
    enrolled: { ...enrolled, sub: ENROLLED, authenticatorId: authenticators[0]?.id ?? '' },
    fresh: { token: await signAccessToken(service.settings, { sub: FRESH, expiresInSeconds: 600 }) },
    administrator: {
      sub,
      token: await signAccessToken(service.settings, {
        sub,
        scope: 'mfa:read mfa:admin mfa:challenge',
        expiresInSeconds: 600,
      }),
    },
  }
}

/** What no line may hold. */
function secretsOf({ settings }: BareService, { enrolled, fresh, administrator }: Cast): readonly string[] {
  const tokens = [enrolled.token, fresh.token, administrator.token].flatMap((token) => [
    token,
    ...token.split('.').slice(1),
  ])
  const { AUTH_HS256_SECRET: hs256 = '', MFA_KEYS: masters = '', STEP_UP_PRIVATE_JWK: signing = '{}' } = settings
  const { d } = JSON.parse(signing) as { d: string }
  const keys = masters.split(',').map((entry) => entry.split(':')[1] ?? '')
  const subs = [ENROLLED, FRESH, administrator.sub]
  return [CANARY, hs256, d, ...keys, ...tokens, ...subs, ...enrolled.backupCodes, enrolled.authenticatorId]
}

function expectDiscreetLog(log: readonly string[], secrets: readonly string[]): void {
  expect(log.length).toBeGreaterThan(0)
  const text = log.join('\n')
  for (const secret of secrets) {
    if (!text.includes(secret)) continue
    expect.fail(`the log holds ${secret}: ${log.find((line) => line.includes(secret))}`)
  }
  for (const line of log) if (line.startsWith('{')) expectLine(line)
}

function expectLine(line: string): void {
  const entry = JSON.parse(line) as Readonly<Record<string, unknown>>
  expect(
    Object.keys(entry).filter((name) => !MEMBERS_OF_A_LINE.includes(name)),
    line,
  ).toEqual([])
  expect(String(entry['operation']), line).toMatch(/^[A-Z-]+ (\(unknown\)|\/[\w./{}:-]*)$/)
}
