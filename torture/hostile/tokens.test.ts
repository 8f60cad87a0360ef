import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { call, enroll } from '../../test/support/node/enroll.ts'
import { report } from '../lib/run.ts'
import { doubled, elsewhere, respelled, spelledWell } from './bearers.ts'
import type { Named } from './bodies.ts'
import { badClaims, DOUBLES, NO_SCOPES, oddClaims, SUBS } from './claims.ts'
import { CONFIGURED, expectNoCalls, expectRefused, type Issuers, startIssuers } from './issuers.ts'
import { ALGORITHMS, forge, goodClaims, goodHeader, type IssuerKey, KEYS } from './keys.ts'
import { forEach, thinned } from './pace.ts'
import { confused, misnamed, otherSignature, unsigned } from './signatures.ts'
import { badHeaders, badKeyIds, badPayloads, oddHeaders } from './token-headers.ts'

const START_TIMEOUT_MS = 120_000
const TYPES = ['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/JWT', undefined]
/** What is sent to the service of a secret and to that of a set of keys, under each of its algorithms. */
const SIEGES = [
  { service: 'a secret', alg: 'HS256' },
  { service: 'a set', alg: 'RS256' },
  { service: 'a set', alg: 'PS256' },
  { service: 'a set', alg: 'ES256' },
  { service: 'a set', alg: 'EdDSA' },
] as const
const KINDS: readonly Named<(key: IssuerKey) => readonly Named<string>[]>[] = [
  ['under the name of another algorithm', misnamed],
  ['with an HMAC under what is public', confused],
  ['with a signature that is not its own', unsigned],
  ['with a hostile header', badHeaders],
  ['without claims', badPayloads],
  ['with claims of another token', badClaims],
  ['in another spelling', (key) => respelled(forge(key))],
]

vi.setConfig({ testTimeout: 180_000 })

let issuers: Issuers
let refused = 0

beforeAll(async () => {
  issuers = await startIssuers()
}, START_TIMEOUT_MS)

afterAll(async () => {
  report('hostile tokens', { requests: issuers.asked(), 'tokens that are refused': refused })
  await issuers.end()
})

/** Sends each token to a service, which must refuse it. */
async function expectAllRefused(service: string, tokens: readonly Named<string>[]): Promise<void> {
  await forEach(tokens, async ([name, token]) => {
    refused += 1
    expectRefused(await issuers.send(service, [`Authorization: Bearer ${token}`]), name)
  })
}

/** Sends each token to a service, which may take it or not. */
async function outcomes(service: string, tokens: readonly Named<string>[]): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  await forEach(tokens, async ([name, token]) => {
    found.set(name, (await issuers.send(service, [`Authorization: Bearer ${token}`])).status)
  })
  return found
}

describe.each(SIEGES.map((siege, turn) => ({ ...siege, turn })))(
  '$service refuses a token of $alg',
  ({ service, alg, turn }) => {
    it.each(KINDS)('%s', async (_, tokens) => {
      await expectAllRefused(service, thinned(tokens(KEYS[alg]), { share: 4, turn }))
    })

    it('with an odd header or none of its faults, never breaking', async () => {
      const tokens = thinned(oddHeaders(KEYS[alg]), { share: 2, turn })
      for (const [name, status] of await outcomes(service, tokens)) expect([200, 401], name).toContain(status)
    })
  },
)

describe('a service takes', () => {
  it.each(CONFIGURED)('tokens of its algorithms with any type that fits: $name', async ({ name, algorithms }) => {
    const tokens = algorithms.flatMap((alg) =>
      TYPES.map((typ): Named<string> => [`${alg} ${typ}`, forge(KEYS[alg], { ...goodHeader(KEYS[alg]), typ })]),
    )
    const withoutId = tokens.filter(() => name.endsWith('alone')).length
    const sent = withoutId > 0 ? withoutKeyIds(algorithms) : tokens
    for (const [what, status] of await outcomes(name, sent)) expect(status, what).toBe(200)
  })

  it('tokens whose claims are odd and right', async () => {
    for (const [name, status] of await outcomes('a secret', oddClaims(KEYS.HS256))) expect(status, name).toBe(200)
  })

  it('any sub for itself alone, whatever it spells in a path', async () => {
    const tokenOf = (claims: object) => forge(KEYS.HS256, goodHeader(KEYS.HS256), { ...goodClaims(), ...claims })
    await forEach(SUBS, (sub) => call(issuers.first.url, { path: '/setup', token: tokenOf({ sub }), body: {} }))
    const lines = [`Authorization: Bearer ${tokenOf({ sub: 'reader', scope: 'mfa:read' })}`]
    await forEach([...SUBS, ...DOUBLES], async (sub) => {
      const { status, body } = await issuers.send('a secret', lines, `/api/admin/users/${encodeURIComponent(sub)}/mfa`)
      expect([sub, status, body['pending'] !== null]).toEqual([sub, 200, SUBS.includes(sub)])
    })
  })

  it('any spelling of the scheme, and spaces', async () => {
    await forEach(spelledWell(forge(KEYS.ES256)), async ([name, line]) => {
      expect((await issuers.send('a set', [line])).status, name).toBe(200)
    })
  })

  it('either of the two signatures that ECDSA has (RFC 7518 §3.4)', async () => {
    const tokens: readonly Named<string>[] = [['the other one', otherSignature(KEYS.ES256)]]
    expect((await outcomes('a set', tokens)).get('the other one')).toBe(200)
  })
})

/** Tokens for a key that has no id. */
function withoutKeyIds(algorithms: readonly (typeof ALGORITHMS)[number][]): readonly Named<string>[] {
  return algorithms.map((alg): Named<string> => [alg, forge(KEYS[alg], { alg, typ: 'at+jwt' })])
}

describe('a service refuses', () => {
  it.each(CONFIGURED)('every algorithm that is not its own: $name', async ({ name, algorithms }) => {
    const others = ALGORITHMS.filter((alg) => !algorithms.includes(alg))
    const tokens = others.flatMap((alg): Named<string>[] => [
      [`${alg} with its id`, forge(KEYS[alg])],
      [`${alg} without an id`, forge(KEYS[alg], { alg, typ: 'at+jwt' })],
      ...ALGORITHMS.map(
        (other): Named<string> => [`${alg} as ${other}`, forge(KEYS[alg], { alg: other, typ: 'at+jwt' })],
      ),
    ])
    const wrong = tokens.filter(([what]) => !algorithms.some((alg) => what === `${alg} as ${alg}`))
    await expectAllRefused(name, wrong)
  })

  it.each(['RS256', 'ES256', 'EdDSA'] as const)('ids of keys that its set has not: %s', async (alg) => {
    await expectAllRefused('a set', badKeyIds(KEYS[alg]))
  })

  it('a token anywhere but in its place, and two tokens in it', async () => {
    const token = forge(KEYS.HS256)
    await forEach(elsewhere(token), async ([name, lines]) => {
      refused += 1
      const answer = await issuers.send('a secret', lines)
      expect(answer.isOurs ? answer.status : 401, name).toBe(401)
      if (answer.isOurs) expect(answer.headers.get('WWW-Authenticate'), name).toBe('Bearer realm="mfa"')
    })
    await forEach(doubled(token), async ([name, lines]) => {
      refused += 1
      expectRefused(await issuers.send('a secret', lines), name)
    })
    for (const name of ['access_token', 'token', 'authorization', 'bearer', 'jwt']) {
      const answer = await issuers.send('a secret', [], `/api/user/profile/mfa?${name}=${token}`)
      expect(answer.status, name).toBe(401)
    }
  })

  it('the tokens that it mints itself, whatever signs them', async () => {
    const { first } = issuers
    const { token, code } = await enroll(first, 'stepper')
    const { body } = await call(first.url, { path: '/challenge', token, body: { code: code(1) } })
    const header = { ...goodHeader(KEYS.HS256), typ: 'mfa-stepup+jwt' }
    const claims = {
      ...goodClaims(),
      sub_iss: 'https://issuer.example',
      acr: 'urn:edge-mfa:acr:mfa',
      amr: ['otp', 'mfa'],
    }
    const tokens: readonly Named<string>[] = [
      ['a step-up token', String(body['token'])],
      ['one under the key of access tokens', forge(KEYS.HS256, header, claims)],
    ]
    expect(String(body['token']).split('.')).toHaveLength(3)
    for (const { name } of CONFIGURED) await expectAllRefused(name, tokens)
  })

  it('to let anybody administer by a scope that only looks like it', async () => {
    await forEach(NO_SCOPES, async (scope) => {
      const token = forge(KEYS.HS256, goodHeader(KEYS.HS256), { ...goodClaims(), scope })
      const target = '/api/admin/users/bob/mfa'
      const { status } = await issuers.send('a secret', [`Authorization: Bearer ${token}`], target)
      expect(status, JSON.stringify(scope)).toBe(403)
    })
  })
})

describe('the log', () => {
  it('tells that no refused token cost a call of the database, and holds no token', () => {
    expect(expectNoCalls(issuers.log)).toBeGreaterThan(300)
    expect(issuers.log.filter((line) => /eyJ|attacker|alice/.test(line))).toEqual([])
  })
})
