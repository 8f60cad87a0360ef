import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { CANARY, ORIGIN } from '../lib/answers.ts'
import type { WireAnswer } from '../lib/raw-client.ts'
import { isLong, report, sized } from '../lib/run.ts'
import { bytesOf, casesOf } from './cases.ts'
import { intruder, objectBody, toRequest } from './fuzz.ts'
import {
  BESIDE_THE_POINT,
  ENCODED,
  GOOD_BODY,
  NO_REQUEST_IDS,
  OTHER_HOSTS,
  OTHER_ORIGINS,
  OTHER_TYPES,
  OVERSIZED,
} from './headers.ts'
import { authorised, BODIED, OPERATIONS, requestOf, takes, targetOf, UNKNOWN_ID } from './operations.ts'
import { forEach, thinned } from './pace.ts'
import { NO_PAGES, NOWHERE, spellingsOf, spellingsOfSegment } from './paths.ts'
import { ambiguousRequests, slowRequests } from './raw-requests.ts'
import { type HostileService, startHostileService } from './service.ts'

const START_TIMEOUT_MS = 120_000
const TIMEOUT_MS = 180_000
const PROFILE = '/api/user/profile/mfa'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const NO_BODY = new Uint8Array()
const GOOD_CODE = bytesOf('{"code":"123456"}')
const METHODS = [
  'HEAD',
  'GET',
  'PUT',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'QUERY',
  'PURGE',
  'get',
  'CONNECT',
  'X',
]
const EIGHT = { minLength: 8, maxLength: 8 }
/** Problems of well-formed codes that are wrong: those are counted. */
const COUNTED = ['400 invalid-code', '400 no-pending-enrollment']

vi.setConfig({ testTimeout: TIMEOUT_MS })

let service: HostileService

beforeAll(async () => {
  service = await startHostileService()
}, START_TIMEOUT_MS)

afterEach(async () => {
  await service.expectAlive()
  service.expectDiscreetLog()
})

afterAll(async () => {
  report('hostile requests', { requests: service.asked(), 'lines of the log': service.log.length })
  await service.end()
})

/** The problem of an answer, as its name. */
function problemOf({ status, body }: WireAnswer): string {
  return `${status} ${String(body['type']).split('/').at(-1)}`
}

describe.each(BODIED.map((operation, turn) => ({ ...operation, turn })))('a body of $id', ({ turn, ...operation }) => {
  it('must be an object with what the document names, and no longer than its limit', async () => {
    await service.expectUnchanged(operation.id, () =>
      forEach(casesOf(operation, turn), async ([name, body, expected]) => {
        expect(problemOf(await service.send(requestOf(operation, service.cast, body))), name).toMatch(expected)
      }),
    )
  })

  it('must be JSON in UTF-8 by its type, and not compressed', async () => {
    const types = thinned(OTHER_TYPES, { share: 8, turn }).map((lines) => ({ lines, body: GOOD_BODY }))
    const encoded = thinned(ENCODED, { share: 6, turn }).map(([encoding, body]) => {
      return { lines: ['Content-Type: application/json', `Content-Encoding: ${encoding}`], body }
    })
    await service.expectUnchanged(operation.id, () =>
      forEach([...types, ...encoded], async ({ lines, body }) => {
        const answer = await service.send(requestOf(operation, service.cast, body, lines))
        if (answer.isOurs) expect(problemOf(answer), lines.join()).toBe('415 unsupported-media-type')
      }),
    )
  })
})

describe('headers', () => {
  /** The status of the subject with MFA on, as it is answered to a request with these headers. */
  function status(headers: readonly string[]): Promise<WireAnswer> {
    const authorization = `Authorization: Bearer ${service.cast.enrolled.token}`
    return service.send({ method: 'GET', target: PROFILE, headers: [authorization, ...headers], body: NO_BODY })
  }

  it('that are beside the point change nothing', async () => {
    const { text } = await status([])
    await service.expectUnchanged('headers', () =>
      forEach(thinned(BESIDE_THE_POINT, { share: 3, turn: 0 }), async (headers) => {
        expect(await status(headers), headers.join()).toMatchObject({ status: 200, text })
      }),
    )
  })

  it('that are many or long are refused by the runtime or mean nothing', async () => {
    await forEach(OVERSIZED, async (headers) => {
      const answer = await status(headers)
      expect(answer.isOurs ? answer.status : 200).toBe(200)
    })
  })

  it('an id of a request is a UUID or replaced', async () => {
    await forEach(NO_REQUEST_IDS, async (id) => {
      const answer = await status([`X-Request-Id: ${id}`])
      expect(answer.isOurs ? answer.headers.get('X-Request-Id') : UNKNOWN_ID, id).toMatch(UUID)
    })
  })

  it('another origin may read nothing, and a preflight repeats nothing', async () => {
    await forEach(OTHER_ORIGINS, async (origin) => {
      await status([`Origin: ${origin}`])
      const preflight = [`Access-Control-Request-Headers: ${CANARY}`, 'Access-Control-Request-Method: PLANTED']
      const headers = [`Origin: ${origin}`, ...preflight]
      await service.send({ method: 'OPTIONS', target: PROFILE, headers, body: NO_BODY })
    })
    expect((await status([`Origin: ${ORIGIN}`])).headers.get('Access-Control-Allow-Origin')).toBe(ORIGIN)
  })

  it('another host changes no problem', async () => {
    await forEach(OTHER_HOSTS, (host) =>
      service.send({ method: 'GET', target: '/nowhere', headers: [`Host: ${host}`], body: NO_BODY }),
    )
  })
})

describe('paths and methods', () => {
  it('another spelling of a path is that path or none', async () => {
    const requests = OPERATIONS.flatMap((operation, turn) =>
      thinned(spellingsOf(targetOf(operation, service.cast)), { share: 60, turn: 7 * turn }).map((target) => {
        return { method: operation.method, target, headers: [authorised(operation, service.cast)], body: NO_BODY }
      }),
    )
    await service.expectUnchanged('paths', () => forEach(requests, service.send))
  })

  it('nothing is where the document has nothing', async () => {
    const requests = NOWHERE.flatMap((target) => ['GET', 'POST', 'DELETE'].map((method) => ({ method, target })))
    await forEach(thinned(requests, { share: 4, turn: 0 }), async (request) => {
      const answer = await service.send({ ...request, headers: [], body: NO_BODY })
      expect([400, 401, 404, 405], `${request.method} ${request.target}`).toContain(answer.status)
    })
  })

  it('no spelling of a path lets an administrator at itself, or anybody without the scope at others', async () => {
    const { administrator, enrolled } = service.cast
    await forEach(spellingsOfSegment(administrator.sub), async (sub) => {
      for (const token of [administrator.token, enrolled.token]) {
        const headers = [`Authorization: Bearer ${token}`]
        const target = `/api/admin/users/${sub}/mfa`
        const { status } = await service.send({ method: 'GET', target, headers, body: NO_BODY })
        expect(sub.includes('/') ? [403, 404] : [403], sub).toContain(status)
        const challenge = { method: 'POST', target: `/api/service/users/${sub}/challenge`, body: GOOD_CODE }
        const answer = await service.send({ ...challenge, headers: [...headers, 'Content-Type: application/json'] })
        expect(sub.includes('/') ? [403, 404] : [403], sub).toContain(answer.status)
      }
    })
  })

  it('any method of any path is answered as documented', async () => {
    const requests = METHODS.flatMap((method) =>
      OPERATIONS.map((operation) => ({ ...requestOf(operation, service.cast, NO_BODY, []), method })),
    )
    await service.expectUnchanged('methods', () => forEach(thinned(requests, { share: 5, turn: 0 }), service.send))
  })

  it('a page of events is asked for in one way alone', async () => {
    const headers = [`Authorization: Bearer ${service.cast.enrolled.token}`]
    const queries = NO_PAGES.flatMap((value) => [
      `limit=${value}`,
      `cursor=${value}`,
      `cursor=5&limit=${value}&limit=5`,
    ])
    await forEach(thinned(queries, { share: 4, turn: 0 }), async (query) => {
      const answer = await service.send({ method: 'GET', target: `${PROFILE}/events?${query}`, headers, body: NO_BODY })
      expect([200, 400], query).toContain(answer.status)
    })
  })
})

describe('bytes on a connection', () => {
  it('that two servers may read differently are one request or none, and no body that is never whole is one', async () => {
    const { token } = service.cast.enrolled
    const slow = thinned(slowRequests(token), { share: 3, turn: 0 })
    const ambiguous = thinned(ambiguousRequests(token), { share: 2, turn: 0 })
    await service.expectUnchanged('bytes', () =>
      forEach([...slow, ...ambiguous], async ([name, text]) => {
        expect((await service.sendRaw(text)).length, name).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('anything at all', () => {
  const runs = { numRuns: sized({ short: 12, long: 250 }), endOnFailure: true, ...(!isLong && { seed: 1 }) }

  it('is answered as documented, and refused without a trace', async () => {
    let stored = await service.dump()
    const property = fc.asyncProperty(fc.array(intruder, EIGHT), async (requests) => {
      const answers = await Promise.all(requests.map((request) => service.send(toRequest(request, service.cast))))
      const now = await service.dump()
      const areRefused = answers.every((answer) => answer.status >= 400 && !COUNTED.includes(problemOf(answer)))
      if (areRefused) expect(now).toEqual(stored)
      stored = now
    })
    await fc.assert(property, runs)
  })

  it('is a valid body if the document says so, and only then', async () => {
    const bodies = fc.array(fc.tuple(fc.constantFrom(...BODIED), objectBody), EIGHT)
    const property = fc.asyncProperty(bodies, (pairs) =>
      forEach(pairs, async ([operation, object]) => {
        const text = JSON.stringify(object)
        if (Buffer.byteLength(text) > operation.largest) return
        const answer = await service.send(requestOf(operation, service.bystanders, bytesOf(text)))
        const isRefused = problemOf(answer) === '400 invalid-request'
        expect(isRefused, `${operation.id} ${text} ${answer.text}`).toBe(!takes(operation, JSON.parse(text)))
      }),
    )
    await fc.assert(property, runs)
  })
})
