import { env } from 'cloudflare:test'
import { describe, expect, it, vi } from 'vitest'
import { type Account, outcomeOf, problem, readyAccount } from '../../support/account.ts'
import { codeOf } from '../../support/phone.ts'
import { expectProblem } from '../../support/problems.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'
import { accessToken } from '../../support/tokens.ts'

/** Requests a minute, as `env.production` of wrangler.toml has them. */
const PRODUCTION = { subject: 120, address: 6000 }
/** Counted like those of production, whose 6000 take the simulation too long. */
const FEW = 20
const PERIOD_MS = 60_000
const STATUS = `GET ${PROFILE}`
const CHALLENGE = `POST ${PROFILE}/challenge`
const HOME = '192.0.2.7'
const ELSEWHERE = '198.51.100.9'

type Service = ReturnType<typeof startService>

/** A binding of wrangler.toml under the limit of production: the simulation takes the limit with the key. */
function limitOf(binding: RateLimit, limit: number) {
  const counted = (key: string) => ({ key, limit, period: PERIOD_MS / 1000 })
  return { limit: ({ key }: { key: string }) => binding.limit(counted(key)) }
}

const production = {
  SUBJECT_LIMIT: limitOf(env.SUBJECT_LIMIT, PRODUCTION.subject),
  ADDRESS_LIMIT: limitOf(env.ADDRESS_LIMIT, PRODUCTION.address),
}
const refusing = { limit: async () => ({ success: false }) }

function from(address: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'CF-Connecting-IP': address } }
}

/** A binding that limits nothing and records what it counts. */
function recorder() {
  const keys: string[] = []
  return { keys, limit: async ({ key }: { key: string }) => ({ success: keys.push(key) > 0 }) }
}

/** An address in no other test. */
function newAddress(): string {
  const [a = 0, b = 0, c = 0] = crypto.getRandomValues(new Uint8Array(3))
  return `10.${a}.${b}.${c}`
}

/** Does it again until all of it was done within one period of the limits. */
async function withinPeriod<Value>(work: () => Promise<Value>): Promise<Value> {
  for (;;) {
    const period = Math.floor(Date.now() / PERIOD_MS)
    const value = await work()
    if (Math.floor(Date.now() / PERIOD_MS) === period) return value
  }
}

/** Sends `times` requests for the status; answers their statuses. */
async function flood(service: Service, request: { times: number; token: string; headers?: Record<string, string> }) {
  const { times, ...sent } = request
  const statuses: number[] = []
  while (statuses.length < times) statuses.push((await service.call(STATUS, sent)).status)
  return statuses
}

/** What the owner of an account gets for its status, a TOTP code and each backup code. */
async function ownerOutcomes(service: Service, account: Account): Promise<readonly string[]> {
  const { token, secret, backupCodes } = account
  const bodies = [{ code: codeOf(secret) }, ...backupCodes.map((code) => ({ backup_code: code }))]
  const outcomes = [outcomeOf(await service.call(STATUS, { token, ...from(HOME) }))]
  for (const body of bodies) outcomes.push(outcomeOf(await service.call(CHALLENGE, { token, body, ...from(HOME) })))
  return outcomes
}

describe('the rate limits of production', () => {
  it('refuse a flood by another token of the subject, and leave its owner at another address alone', async () => {
    const service = startService(production)
    const { statuses, outcomes } = await withinPeriod(async () => {
      const account = await readyAccount(service)
      const stolen = await accessToken({ sub: account.sub })
      const statuses = await flood(service, { times: PRODUCTION.subject + 20, token: stolen, ...from(ELSEWHERE) })
      return { statuses, outcomes: await ownerOutcomes(service, account) }
    })
    expect(statuses.slice(0, PRODUCTION.subject)).toEqual(Array.from({ length: PRODUCTION.subject }, () => 200))
    expect(statuses.slice(PRODUCTION.subject)).toEqual(Array.from({ length: 20 }, () => 429))
    expect(outcomes).toEqual(Array.from({ length: 12 }, () => '200'))
  })
})

describe('the limit by subject', () => {
  it('counts a subject from each address apart, and no other subject', async () => {
    const limiter = recorder()
    const service = startService({ SUBJECT_LIMIT: limiter })
    const { sub, token } = await newUser()
    await service.call(STATUS, { token, ...from('192.0.2.7') })
    await service.call(STATUS, { token, ...from('2001:DB8:0:0::2') })
    await service.call(STATUS, { token })
    const issuer = 'https://issuer.example'
    const networks = ['192.0.2.7', '2001:db8:0:0::/64', '']
    expect(limiter.keys).toEqual(networks.map((network) => JSON.stringify([issuer, sub, network])))
  })

  it('keeps what it refuses from the database', async () => {
    const service = startService({ SUBJECT_LIMIT: refusing })
    const { token } = await newUser({ scope: 'mfa:admin' })
    for (const operation of [STATUS, `GET ${PROFILE}/events`, 'GET /api/admin/users/x/mfa']) {
      const calls = await service.countCalls(async () => {
        expect(await service.call(operation, { token })).toMatchObject(problem(429, 'too-many-attempts'))
      })
      expect(calls).toBe(0)
    }
  })

  it('counts no request without a valid token', async () => {
    const limiter = recorder()
    const service = startService({ SUBJECT_LIMIT: limiter })
    await service.call(STATUS, { token: 'rubbish', ...from(HOME) })
    expect(limiter.keys).toEqual([])
  })
})

describe('the limit by address', () => {
  it('refuses what one address sends beyond it under any tokens, and no other address', async () => {
    const service = startService({ ADDRESS_LIMIT: limitOf(env.ADDRESS_LIMIT, FEW) })
    const { statuses, refused, other } = await withinPeriod(async () => {
      const address = newAddress()
      const statuses: number[] = []
      while (statuses.length < FEW) {
        const { token } = await newUser()
        statuses.push((await service.call(STATUS, { token, ...from(address) })).status)
      }
      const { token } = await newUser()
      const refused = await service.call(STATUS, { token, ...from(address) })
      return { statuses, refused, other: await service.call(STATUS, { token, ...from(newAddress()) }) }
    })
    expect(new Set([...statuses, other.status])).toEqual(new Set([200]))
    expectProblem(refused, 'too-many-attempts')
    expect(refused.body['retryAfter']).toBe(60)
    expect(refused.headers.get('Retry-After')).toBe('60')
  })

  it('refuses before the token is looked at: no signature check, no call of the database', async () => {
    const service = startService({ ADDRESS_LIMIT: refusing })
    const { token } = await newUser()
    // The first request of an isolate checks the signing key of step-up tokens; calls are counted in another isolate.
    await service.plan({})
    await service.call('GET /health')
    const check = vi.spyOn(crypto.subtle, 'verify')
    const calls = await service.countCalls(async () => {
      for (const sent of [{ token }, { token: `${token.slice(0, -4)}AAAA` }, { token: 'rubbish' }, {}]) {
        expectProblem(await service.call(STATUS, { ...sent, ...from(HOME) }), 'too-many-attempts')
      }
    })
    expect([calls, check.mock.calls.length]).toEqual([0, 0])
    await service.call(STATUS, { token })
    expect(check).toHaveBeenCalledOnce()
  })

  it.each([
    ['not-found', `GET ${PROFILE}/nothing`],
    ['method-not-allowed', `PUT ${PROFILE}`],
  ] as const)('comes after %s', async (name, operation) => {
    const service = startService({ ADDRESS_LIMIT: refusing })
    expectProblem(await service.call(operation, from(HOME)), name)
  })

  it('counts all addresses of an IPv6 /64 as one, in any spelling, and an IPv4-mapped one as IPv4', async () => {
    const limiter = recorder()
    const service = startService({ ADDRESS_LIMIT: limiter })
    const addresses = ['2001:db8::1', '2001:DB8:0:0::2', '2001:db8:0:1::1', '::ffff:192.0.2.7', '192.0.2.7']
    for (const address of addresses) await service.call(STATUS, from(address))
    const networks = ['2001:db8:0:0::/64', '2001:db8:0:0::/64', '2001:db8:0:1::/64', '192.0.2.7', '192.0.2.7']
    expect(limiter.keys).toEqual(networks)
  })

  it('limits by the address that the edge saw, and by none that a client claims', async () => {
    const service = startService({ ADDRESS_LIMIT: refusing })
    const { token } = await newUser()
    const call = (header: string) => service.call(STATUS, { token, headers: { [header]: HOME } })
    expect((await call('CF-Connecting-IP')).status).toBe(429)
    for (const header of ['X-Forwarded-For', 'X-Real-IP', 'True-Client-IP', 'Forwarded']) {
      expect((await call(header)).status).toBe(200)
    }
  })
})

describe('a limit', () => {
  it('limits nothing where its binding is missing or fails', async () => {
    const failing = { limit: () => Promise.reject(new Error('planted')) }
    for (const service of [startService(), startService({ SUBJECT_LIMIT: failing, ADDRESS_LIMIT: failing })]) {
      const { token } = await newUser()
      const statuses = await flood(service, { times: PRODUCTION.subject + 1, token, ...from(HOME) })
      expect(new Set(statuses)).toEqual(new Set([200]))
    }
  })
})
