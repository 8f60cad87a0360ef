import { beforeAll, describe, expect, it } from 'vitest'
import { adminToken, holdClock, outcomeOf, readyAccount } from '../support/account.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { type Scene, STATES, type State, sceneOf, UNKNOWN } from '../support/scenes.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'
import { accessToken } from '../support/tokens.ts'

const service = startService()
holdClock()

/** One expectation for each state, in the order of {@link STATES}. */
type Row = readonly [string, string, string, string, string, string]

const OFF = '409 mfa-not-enabled'
const WRONG = '400 invalid-code'
const LACKING = '403 proof-required'
const SHAPE = '400 invalid-request'
const WAIT = '429 too-many-attempts'
const BLOCKED = '403 totp-blocked'
const NONE = '404 not-found'
const NO_SECRET = '400 no-pending-enrollment'

const same = (outcome: string): Row => [outcome, outcome, outcome, outcome, outcome, outcome]
/** What is the same in the three states without MFA, and told apart in the three with it. */
const onOff = (off: string, [active, waiting, blocked]: readonly [string, string, string]): Row => [
  ...([off, off] as const),
  ...([active, waiting, blocked] as const),
  off,
]
const asGiven = (outcome: string): readonly [string, string, string] => [outcome, outcome, outcome]

/** What is presented, by the name that the tables use. */
const PROOFS = {
  none: () => ({}),
  'wrong code': ({ secret }: Scene) => ({ code: wrongCode(secret) }),
  'replayed code': ({ replayed }: Scene) => ({ code: replayed }),
  "another subject's code": ({ others }: Scene) => ({ code: others.code }),
  "another subject's backup code": ({ others }: Scene) => ({ backup_code: others.backup_code }),
  'used backup code': ({ codes }: Scene) => ({ backup_code: codes[0] }),
  'right code': ({ secret }: Scene) => ({ code: codeOf(secret) }),
  'right backup code': ({ codes }: Scene) => ({ backup_code: codes[1] }),
} as const
type ProofName = keyof typeof PROOFS

/** Operations as a subject calls them on itself; `{id}` is its oldest authenticator. */
const PROVEN = {
  challenge: { path: '/challenge', off: OFF, none: same(SHAPE) },
  'backup-codes': { path: '/backup-codes', off: OFF, none: onOff(OFF, asGiven(LACKING)) },
  disable: { path: '/disable', off: OFF, none: onOff(OFF, asGiven(LACKING)) },
  remove: { path: '/authenticators/{id}/remove', off: OFF, none: onOff(OFF, asGiven(LACKING)) },
  setup: { path: '/setup', off: '200', none: onOff('200', asGiven(LACKING)) },
} as const

/** With MFA on: active, waiting, blocked. */
const BY_PROOF = {
  'wrong code': [WRONG, WAIT, BLOCKED],
  'replayed code': [WRONG, WAIT, BLOCKED],
  "another subject's code": [WRONG, WAIT, BLOCKED],
  "another subject's backup code": asGiven(WRONG),
  'used backup code': asGiven(WRONG),
  'right code': ['200', WAIT, BLOCKED],
  'right backup code': asGiven('200'),
} as const satisfies Record<Exclude<ProofName, 'none'>, readonly [string, string, string]>

const PROVEN_ROWS = Object.entries(PROVEN).flatMap(([name, { path, off, none }]) => [
  { name, path, proof: 'none' as ProofName, expected: none },
  ...Object.entries(BY_PROOF).map(([proof, on]) => ({
    name,
    path,
    proof: proof as ProofName,
    expected: onOff(off, on),
  })),
])

/** Operations without a proof: what they are sent, and what they answer. */
const PLAIN_ROWS: readonly { operation: string; body?: object | ((scene: Scene) => object); expected: Row }[] = [
  { operation: `GET ${PROFILE}`, expected: same('200') },
  { operation: `GET ${PROFILE}/events`, expected: same('200') },
  { operation: `DELETE ${PROFILE}/setup`, expected: same('204') },
  { operation: `PATCH ${PROFILE}/authenticators/{id}`, body: { name: 'x' }, expected: onOff(NONE, asGiven('200')) },
  { operation: `PATCH ${PROFILE}/authenticators/{id}`, body: {}, expected: same(SHAPE) },
  { operation: `PATCH ${PROFILE}/authenticators/${UNKNOWN}`, body: { name: 'x' }, expected: same(NONE) },
  {
    operation: `POST ${PROFILE}/authenticators/${UNKNOWN}/remove`,
    body: ({ secret }) => ({ code: codeOf(secret) }),
    expected: onOff(OFF, asGiven(NONE)),
  },
  { operation: `POST ${PROFILE}/verify`, body: {}, expected: same(SHAPE) },
  {
    operation: `POST ${PROFILE}/verify`,
    body: ({ secret }) => ({ code: wrongCode(secret) }),
    expected: [NO_SECRET, WRONG, NO_SECRET, NO_SECRET, NO_SECRET, NO_SECRET],
  },
  {
    operation: `POST ${PROFILE}/verify`,
    body: ({ secret }) => ({ code: codeOf(secret) }),
    expected: [NO_SECRET, '200', NO_SECRET, NO_SECRET, NO_SECRET, NO_SECRET],
  },
]

const ADMIN: readonly { method: string; path: string; expected: Row }[] = [
  { method: 'GET', path: '', expected: same('200') },
  { method: 'POST', path: '/reset', expected: [OFF, '200', '200', '200', '200', OFF] },
  { method: 'POST', path: '/unlock', expected: onOff(OFF, asGiven('200')) },
]

/** The challenge by a service that acts for the subject. */
const BY_SERVICE = 'POST /api/service/users/{sub}/challenge'

/** Every operation under /api, as `METHOD path`. */
const OPERATIONS = [
  ...new Set([
    ...PLAIN_ROWS.map(({ operation }) => operation),
    ...PROVEN_ROWS.map(({ path }) => `POST ${PROFILE}${path}`),
    ...ADMIN.map(({ method, path }) => `${method} /api/admin/users/{sub}/mfa${path}`),
    BY_SERVICE,
  ]),
]

async function ask(operation: string, scene: Scene, call: { token?: string | undefined; body?: object | undefined }) {
  const path = operation.replace('{id}', scene.id).replace('{sub}', scene.sub)
  return outcomeOf(await service.call(path, call))
}

/** Walks one row of a table: each state with a scene of its own. */
async function walk(expected: Row, outcome: (scene: Scene) => Promise<string>): Promise<void> {
  const found = STATES.map(async (state) => `${state}: ${await outcome(await sceneOf(service, state))}`)
  expect(await Promise.all(found)).toEqual(STATES.map((state, index) => `${state}: ${expected[index]}`))
}

describe('an operation that a proof authorises, by the state of its subject', () => {
  it.each(PROVEN_ROWS)('$name with $proof', async ({ path, proof, expected }) => {
    await walk(expected, (scene) =>
      ask(`POST ${PROFILE}${path}`, scene, { token: scene.token, body: PROOFS[proof](scene) }),
    )
  })
})

describe('a challenge by a service, by the state of the subject', () => {
  it.each(PROVEN_ROWS.filter(({ name }) => name === 'challenge'))('with $proof', async ({ proof, expected }) => {
    const token = await accessToken({ sub: 'a service', scope: 'mfa:challenge' })
    await walk(expected, (scene) => ask(BY_SERVICE, scene, { token, body: PROOFS[proof](scene) }))
  })
})

describe('an operation without a proof, by the state of its subject', () => {
  it.each(PLAIN_ROWS)('$operation $body', async ({ operation, body, expected }) => {
    await walk(expected, (scene) =>
      ask(operation, scene, { token: scene.token, body: typeof body === 'function' ? body(scene) : body }),
    )
  })
})

describe('an operation of administrators, by the state of the subject', () => {
  it.each(ADMIN)('$method $path', async ({ method, path, expected }) => {
    const token = await adminToken()
    const body = method === 'POST' ? { reason: 'x' } : undefined
    await walk(expected, (scene) => ask(`${method} /api/admin/users/{sub}/mfa${path}`, scene, { token, body }))
  })
})

describe('a bulk status', () => {
  it('says whether MFA is on, by the state of each subject', async () => {
    const scenes = await Promise.all(STATES.map((state) => sceneOf(service, state)))
    const body = { subs: scenes.map(({ sub }) => sub) }
    const { body: found } = await service.call('POST /api/admin/users/status', { token: await adminToken(), body })
    const enabled = Object.fromEntries(
      (found['users'] as readonly { sub: string; enabled: boolean }[]).map((user) => [user.sub, user.enabled]),
    )
    expect(scenes.map(({ sub }) => enabled[sub])).toEqual([false, false, true, true, true, false])
  })
})

describe('a credential that opens nothing, in every state and for every operation', () => {
  const scenes = new Map<State, Scene>()
  let stepUpToken = ''
  beforeAll(async () => {
    for (const state of STATES) scenes.set(state, await sceneOf(service, state))
    const { token, backupCodes } = await readyAccount(service)
    const { body } = await service.call(`POST ${PROFILE}/challenge`, { token, body: { backup_code: backupCodes[0] } })
    stepUpToken = String(body['token'])
  })

  const past = () => ({ exp: Math.floor(Date.now() / 1000) - 60, iat: Math.floor(Date.now() / 1000) - 120 })
  const isAdministration = (operation: string) => /\/api\/(admin|service)\//.test(operation)
  const everywhere = (outcome: string) => () => outcome
  const CREDENTIALS = [
    { name: 'none', token: async () => undefined, expected: everywhere('401 unauthorized') },
    { name: 'a step-up token', token: async () => stepUpToken, expected: everywhere('401 invalid-token') },
    {
      name: 'an expired token',
      token: ({ sub }: Scene) => accessToken({ sub, scope: 'mfa:admin mfa:challenge', ...past() }),
      expected: everywhere('401 invalid-token'),
    },
    {
      name: "a plain user's own token",
      token: async ({ sub }: Scene) => accessToken({ sub }),
      expected: (operation: string) => (isAdministration(operation) ? '403 insufficient-scope' : undefined),
    },
    {
      name: "another plain user's token",
      token: async () => (await newUser()).token,
      expected: (operation: string) => (isAdministration(operation) ? '403 insufficient-scope' : undefined),
    },
    {
      name: "the administrator's token on itself",
      token: ({ sub }: Scene) => accessToken({ sub, scope: 'mfa:admin mfa:challenge' }),
      expected: (operation: string) => (isAdministration(operation) ? '403 self-administration' : undefined),
    },
  ]

  it.each(CREDENTIALS)('$name', async ({ token, expected }) => {
    for (const operation of OPERATIONS) {
      const outcome = expected(operation)
      if (outcome === undefined) continue
      for (const [state, scene] of scenes) {
        const body =
          operation.startsWith('GET') || operation.startsWith('DELETE')
            ? undefined
            : { reason: 'x', name: 'x', code: '123456' }
        const found = await ask(operation, scene, { token: await token(scene), body })
        expect(`${operation} ${state}: ${found}`).toBe(`${operation} ${state}: ${outcome}`)
      }
    }
  })

  it("an administrator's token gives no power over another's profile: it is one's own", async () => {
    for (const [, scene] of scenes) {
      const { body } = await service.call(`GET ${PROFILE}`, { token: await adminToken() })
      expect(body).toMatchObject({ enabled: false, authenticators: [] })
      const operation = `PATCH ${PROFILE}/authenticators/{id}`
      expect(await ask(operation, scene, { token: await adminToken(), body: { name: 'x' } })).toBe(NONE)
    }
  })
})
