import { describe, expect, it } from 'vitest'
import { PROBLEMS } from '../../src/core/problems.ts'
import { holdClock } from '../support/account.ts'
import { enroll, setUp } from '../support/life.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { expectProblem, expectWellFormed, PROBLEM_STATUS, type ProblemName } from '../support/problems.ts'
import { query, setSubject } from '../support/rows.ts'
import { type Answer, newUser, PROFILE, startService } from '../support/service.ts'
import { accessToken } from '../support/tokens.ts'

const VERIFY = `POST ${PROFILE}/verify`
const SETUP = `POST ${PROFILE}/setup`
const CHALLENGE = `POST ${PROFILE}/challenge`
const service = startService()
holdClock()

async function enrolledUser() {
  const user = await newUser()
  return { ...user, ...(await enroll(service, user.token)) }
}

async function authenticatorId(token: string): Promise<string> {
  const { body } = await service.call(`GET ${PROFILE}`, { token })
  return (body['authenticators'] as { id: string }[])[0]?.id ?? ''
}

async function asAdministrator(operation: string): Promise<Answer> {
  const token = await accessToken({ sub: 'root', scope: 'mfa:admin' })
  return service.call(operation, { token, ...(operation.startsWith('POST') && { body: { reason: 'asked' } }) })
}

/** Makes copies of a subject's only authenticator until there are five. */
async function fillAuthenticators(sub: string): Promise<void> {
  const columns = 'state, name, sealed, key_id, algorithm, digits, step_seconds, created_at, attempts, last_step'
  for (const id of ['b', 'c', 'd', 'e']) {
    await query(
      `INSERT INTO authenticator (subject_id, id, ${columns}) SELECT subject_id, ?, ${columns} FROM authenticator
       WHERE subject_id = (SELECT id FROM subject WHERE sub = ?) LIMIT 1`,
      id,
      sub,
    )
  }
}

/** For each problem a way to meet it. */
const WAYS: Record<ProblemName, () => Promise<Answer>> = {
  'invalid-request': async () => service.call(VERIFY, { ...(await newUser()), body: {} }),
  'invalid-code': async () => {
    const { token } = await newUser()
    return service.call(VERIFY, { token, body: { code: wrongCode(await setUp(service, token)) } })
  },
  'no-pending-enrollment': async () => service.call(VERIFY, { ...(await newUser()), body: { code: '123456' } }),
  unauthorized: () => service.call(`GET ${PROFILE}`),
  'invalid-token': () => service.call(`GET ${PROFILE}`, { token: 'x' }),
  'insufficient-user-authentication': async () =>
    startService({ ENROLL_MAX_AGE_SECONDS: '60' }).call(SETUP, { ...(await newUser()), body: {} }),
  'insufficient-scope': async () => service.call('GET /api/admin/users/alice/mfa', await newUser()),
  'proof-required': async () => {
    const { token } = await enrolledUser()
    return service.call(SETUP, { token, body: {} })
  },
  'totp-blocked': async () => {
    const { sub, token } = await enrolledUser()
    await setSubject(sub, 'failures = 100')
    return service.call(CHALLENGE, { token, body: { code: '123456' } })
  },
  'self-administration': () => asAdministrator('GET /api/admin/users/root/mfa'),
  'not-found': () => service.call('GET /nowhere'),
  'method-not-allowed': () => service.call(`GET ${PROFILE}/verify`),
  'mfa-not-enabled': async () => service.call(CHALLENGE, { ...(await newUser()), body: { code: '123456' } }),
  'last-authenticator': async () => {
    const { token, backupCodes } = await enrolledUser()
    const path = `${PROFILE}/authenticators/${await authenticatorId(token)}/remove`
    return service.call(`POST ${path}`, { token, body: { backup_code: backupCodes[0] } })
  },
  'too-many-authenticators': async () => {
    const { sub, token, backupCodes } = await enrolledUser()
    await fillAuthenticators(sub)
    return service.call(SETUP, { token, body: { backup_code: backupCodes[0] } })
  },
  'unlocked-recently': async () => {
    const { sub } = await enrolledUser()
    const unlock = `POST /api/admin/users/${sub}/mfa/unlock`
    expect((await asAdministrator(unlock)).status).toBe(200)
    return asAdministrator(unlock)
  },
  'payload-too-large': async () => service.call(VERIFY, { ...(await newUser()), body: ' '.repeat(4097) }),
  'unsupported-media-type': async () =>
    service.call(VERIFY, { ...(await newUser()), body: '{}', headers: { 'Content-Type': 'text/plain' } }),
  'too-many-attempts': async () => {
    const { sub, token } = await enrolledUser()
    await setSubject(sub, `failures = 5, retry_at = ${Date.now() + 20_000}`)
    return service.call(CHALLENGE, { token, body: { code: '123456' } })
  },
  internal: async () => {
    const { sub, token } = await newUser()
    const secret = await setUp(service, token)
    await query(
      `UPDATE authenticator SET attempts = '5' WHERE subject_id = (SELECT id FROM subject WHERE sub = ?)`,
      sub,
    )
    return service.call(VERIFY, { token, body: { code: codeOf(secret) } })
  },
  unavailable: async () => {
    const failing = startService()
    await failing.plan({ 1: 'error' })
    return failing.call(`GET ${PROFILE}`, await newUser())
  },
}

describe('the problems of the contract (RFC 9457)', () => {
  it('are all there are', () => {
    expect(Object.keys(PROBLEMS).toSorted()).toEqual(Object.keys(PROBLEM_STATUS).toSorted())
  })

  it.each(Object.entries(WAYS))('include %s, with all eight members', async (name, way) => {
    const answer = await way()
    // The keys of the table are the names of problems.
    expectProblem(answer, name as ProblemName)
    expect(answer.text).not.toMatch(/SELECT|UPDATE|sqlite|\bat .*\.ts|stack/i)
    if (name !== 'not-found') expect(answer.headers.get('Cache-Control')).toBe('no-store')
  })

  it('carry Retry-After, in the member too, when waiting helps (RFC 9110 §10.2.3)', async () => {
    const answer = await WAYS['too-many-attempts']()
    const seconds = Number(answer.headers.get('Retry-After'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(20)
    expect(answer.body['retryAfter']).toBe(seconds)
    expect(Number((await WAYS.unavailable()).headers.get('Retry-After'))).toBeGreaterThan(0)
  })

  it('name no field where none is at fault', async () => {
    const { body } = await WAYS['invalid-code']()
    expect(body['details']).toEqual({})
    expect(body).not.toHaveProperty('errors')
  })

  it('name every field at fault, with a pointer in fragment form (RFC 6901 §6)', async () => {
    const { token } = await newUser()
    const { body } = await service.call(SETUP, { token, body: { name: 5, code: 'x' } })
    expect(Object.keys(Object(body['details'])).toSorted()).toEqual(['code', 'name'])
    expect(body['errors']).toEqual(
      Object.entries(Object(body['details'])).map(([name, detail]) => ({ pointer: `#/${name}`, detail })),
    )
  })

  it('repeat nothing of the request', async () => {
    const { token } = await newUser()
    const bodies = [{ code: 'planted-1' }, '{"planted-1', '["planted-1"]', { code: { 'planted-1': 1 } }]
    for (const body of bodies) {
      const { text, status } = await service.call(VERIFY, { token, body })
      expect([status, text.includes('planted-1')]).toEqual([400, false])
    }
  })

  it('build no type from the Host header, be it hostile', async () => {
    const request = new Request('https://evil.example/api/user/profile/mfa', {
      headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' },
    })
    const answer = await service.send(request)
    expectProblem(answer, 'unauthorized')
    expect(answer.text + JSON.stringify([...answer.headers])).not.toContain('evil')
  })
})

describe('the order of checks', () => {
  const rights = { scope: 'mfa:admin' }
  const large = 'x'.repeat(5000)
  const wrongType = { 'Content-Type': 'text/plain' }
  const RESET = 'POST /api/admin/users/bob/mfa/reset'

  it.each<[ProblemName, string, { token?: string; claims?: object; body?: unknown; headers?: Record<string, string> }]>(
    [
      ['not-found', `POST ${PROFILE}/nothing`, { body: large, headers: wrongType }],
      ['method-not-allowed', `PUT ${PROFILE}/verify`, { body: large, headers: wrongType }],
      ['unauthorized', VERIFY, { body: large, headers: wrongType }],
      ['invalid-token', VERIFY, { token: 'x', body: large, headers: wrongType }],
      ['insufficient-scope', RESET, { claims: {}, body: large, headers: wrongType }],
      ['unsupported-media-type', RESET, { claims: rights, body: large, headers: wrongType }],
      ['payload-too-large', VERIFY, { claims: {}, body: large }],
      ['invalid-request', VERIFY, { claims: {}, body: 'x' }],
      ['no-pending-enrollment', VERIFY, { claims: {}, body: { code: '123456' } }],
    ],
  )('comes to %s', async (name, operation, { claims, token, ...rest }) => {
    const sent = claims ? (await newUser({ ...claims })).token : token
    expectProblem(await service.call(operation, { ...rest, token: sent }), name)
  })
})

describe('addresses and methods', () => {
  it.each([
    ['GET', `${PROFILE}/verify`, ['POST']],
    ['GET', `${PROFILE}/setup`, ['DELETE', 'POST']],
    ['HEAD', `${PROFILE}/verify`, ['POST']],
    ['OPTIONS', `${PROFILE}/verify`, ['POST']],
    ['POST', PROFILE, ['GET', 'HEAD']],
    ['PROPFIND', PROFILE, ['GET', 'HEAD']],
    ['POST', '/health', ['GET', 'HEAD']],
  ])('answer %s %s with 405 and what is allowed (RFC 9110 §15.5.6)', async (method, path, allowed) => {
    const answer = await service.call(`${method} ${path}`)
    expect(answer.status).toBe(405)
    const listed = answer.headers.get('Allow')?.split(', ') ?? []
    expect(listed).toEqual(expect.arrayContaining(allowed.filter((each) => each !== 'HEAD')))
    expect(listed.filter((each) => ![...allowed, 'HEAD', 'OPTIONS'].includes(each))).toEqual([])
  })

  it.each([`${PROFILE}/`, `${PROFILE}/verify/`, '/API/user/profile/mfa', '/api', `${PROFILE}%2Fverify`, '//health'])(
    'know nothing at %s',
    async (path) => {
      const answer = await service.call(`GET ${path}`)
      expectProblem(answer, 'not-found')
    },
  )

  it('answer HEAD like GET, without a body (RFC 9110 §9.3.2)', async () => {
    const { token } = await newUser()
    const get = await service.call(`GET ${PROFILE}`, { token })
    const head = await service.call(`HEAD ${PROFILE}`, { token })
    expect([head.status, head.text]).toEqual([200, ''])
    expect(head.headers.get('Content-Type')).toBe(get.headers.get('Content-Type'))
    expect((await service.call(`HEAD ${PROFILE}`)).status).toBe(401)
  })
})

describe('the request id', () => {
  const INBOUND = '0A1B2C3D-0000-4000-8000-00000000000F'

  it('is the caller’s where that is a UUID', async () => {
    const { headers } = await service.call('GET /health', { headers: { 'X-Request-Id': INBOUND } })
    expect(headers.get('X-Request-Id')?.toUpperCase()).toBe(INBOUND)
  })

  it.each(['', 'abc', `${INBOUND}0`, `{${INBOUND}}`, `urn:uuid:${INBOUND}`, '"><script>', `${INBOUND}, ${INBOUND}`])(
    'is a fresh one where the caller sent %j',
    async (inbound) => {
      const answer = await service.call('GET /nowhere', { headers: { 'X-Request-Id': inbound } })
      expectWellFormed(answer)
      expect(answer.text.toUpperCase()).not.toContain(INBOUND)
    },
  )

  it('stands on every answer, and no-store on every one under /api', async () => {
    const { token } = await newUser()
    for (const operation of [`GET ${PROFILE}`, `DELETE ${PROFILE}/setup`, `GET ${PROFILE}/x`, `PUT ${PROFILE}`]) {
      const { headers } = await service.call(operation, { token })
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('Cache-Control')).toBe('no-store')
    }
    expect((await service.call('GET /health')).headers.has('X-Request-Id')).toBe(true)
  })
})
