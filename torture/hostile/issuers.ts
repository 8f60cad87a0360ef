import type { JsonWebKey } from 'node:crypto'
import { expect } from 'vitest'
import { startBareService } from '../../scripts/lib/bare-service.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { startWorkerd } from '../../scripts/lib/workerd.ts'
import { expectHeld } from '../lib/answers.ts'
import { ask, type WireAnswer } from '../lib/raw-client.ts'
import { builtWorker } from '../lib/run.ts'
import { type Algorithm, AUDIENCE, ISSUER, KEYS } from './keys.ts'

const PROFILE = '/api/user/profile/mfa'

/** A service that takes tokens under some keys: what it is called, its algorithms and its settings. */
type Configured = {
  readonly name: string
  readonly algorithms: readonly Algorithm[]
  readonly settings: Readonly<Record<string, string>>
}

const SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
const { HS256, RS256, ES256, EdDSA } = KEYS

function keySet(...keys: readonly JsonWebKey[]): Readonly<Record<string, string>> {
  return { AUTH_HS256_SECRET: '', AUTH_JWKS: JSON.stringify({ keys }) }
}

/** Takes the id out of a key. */
function nameless({ kid: _, ...jwk }: JsonWebKey): JsonWebKey {
  return jwk
}

const SECRET: Configured = {
  name: 'a secret',
  algorithms: ['HS256'],
  settings: { AUTH_HS256_SECRET: HS256.secret.toString('base64url') },
}

/** The services under siege, each with keys of another kind. */
export const CONFIGURED: readonly Configured[] = [
  SECRET,
  { name: 'a set', algorithms: SET_ALGORITHMS, settings: keySet(RS256.jwk, ES256.jwk, EdDSA.jwk) },
  ...SET_ALGORITHMS.map((alg) => ({
    name: `${alg} alone`,
    algorithms: [alg],
    settings: { ...keySet(nameless(KEYS[alg].jwk)), AUTH_ALGORITHMS: alg },
  })),
  {
    name: 'keys that say what they are for',
    algorithms: ['PS256'],
    settings: keySet(
      { ...RS256.jwk, alg: 'PS256', use: 'sig' },
      { ...ES256.jwk, use: 'enc' },
      { ...EdDSA.jwk, key_ops: ['sign'] },
    ),
  },
]

/** Services on one database, by name. */
export type Issuers = Awaited<ReturnType<typeof startIssuers>>

/** Starts all of them. */
export async function startIssuers() {
  const script = builtWorker()
  const log: string[] = []
  const onLine = (line: string) => log.push(line)
  const common = { AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE }
  const first = await startBareService({ script, overrides: { ...common, ...SECRET.settings }, onLine })
  const publicUrl = first.url
  const others = await Promise.all(
    CONFIGURED.filter(({ name }) => name !== SECRET.name).map(async ({ name, settings }) => {
      const worker = await startWorkerd({
        script,
        settings: { ...first.settings, ...settings },
        port: await freePort(),
        onLine,
      })
      return { name, url: worker.url, end: worker.end }
    }),
  )
  const ports = new Map(
    [{ name: SECRET.name, url: first.url }, ...others].map(({ name, url }) => [name, Number(new URL(url).port)]),
  )
  let asked = 0

  /** Asks a service with these header lines, and holds the answer against the contract. */
  async function send(service: string, headers: readonly string[], target = PROFILE): Promise<WireAnswer> {
    asked += 1
    const request = { method: 'GET', target, headers, body: new Uint8Array() }
    const answer = await ask(ports.get(service) ?? 0, request)
    expectHeld(request, answer, { publicUrl })
    return answer
  }

  return {
    first,
    log,
    send,
    asked: () => asked,
    end: async () => {
      for (const { end } of others) await end()
      await first.end()
    },
  }
}

/** Fails unless the token was refused as one that is invalid; the runtime may refuse what is no header. */
export function expectRefused(answer: WireAnswer, what: string): void {
  if (!answer.isOurs) return
  expect(`${answer.status} ${String(answer.body['type']).split('/').at(-1)}`, what).toBe('401 invalid-token')
  expect(answer.headers.get('WWW-Authenticate'), what).toContain('error="invalid_token"')
}

/** Fails unless every line about a refused token says that the database was not asked. */
export function expectNoCalls(log: readonly string[]): number {
  const refused = log.filter(
    (line) => line.includes('"problem":"invalid-token"') || line.includes('"problem":"unauthorized"'),
  )
  for (const line of refused) expect(JSON.parse(line), line).toMatchObject({ status: 401, databaseRoundTrips: 0 })
  return refused.length
}
