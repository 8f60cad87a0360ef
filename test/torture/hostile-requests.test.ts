import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  bodyOfSize,
  LARGEST,
  NO_CODES,
  NO_OBJECTS,
  NO_VALUES,
  WITHOUT_MEMBERS,
} from '../support/node/hostile-bodies.ts'
import { BODIED, type Operation, requestOf, takes } from '../support/node/hostile-operations.ts'
import { forEach, thinned } from '../support/node/hostile-pace.ts'
import { type HostileService, startHostileService } from '../support/node/hostile-service.ts'
import type { WireAnswer } from '../support/node/hostile-wire.ts'
import { report } from '../support/node/torture.ts'

const START_TIMEOUT_MS = 60_000
/** What a body without a proof is answered where MFA is on. */
const WITHOUT_PROOF = /^(403 proof-required|409 last-authenticator)$/
const BODIED_TURNS = BODIED.map((operation, turn) => ({ ...operation, turn }))

let service: HostileService

beforeAll(async () => {
  service = await startHostileService()
}, START_TIMEOUT_MS)

afterEach(async () => {
  await service.expectAlive()
  service.expectDiscreetLog()
})

afterAll(async () => {
  report('hostile requests', { requests: service.asked() })
  await service.end()
})

/** The problem of an answer, as its name. */
function problemOf({ status, body }: WireAnswer): string {
  return `${status} ${String(body['type']).split('/').at(-1)}`
}

async function post(operation: Operation, body: Uint8Array | string): Promise<string> {
  const bytes = typeof body === 'string' ? new Uint8Array(Buffer.from(body)) : body
  return problemOf(await service.send(requestOf(operation, service.cast, bytes)))
}

describe('a body', () => {
  it.each(BODIED_TURNS)('$id takes none that is no JSON object', async ({ turn, ...operation }) => {
    await service.expectUnchanged(operation.id, () =>
      forEach(thinned(NO_OBJECTS, { share: 3, turn }), async ([name, body]) => {
        expect(await post(operation, body), name).toBe('400 invalid-request')
      }),
    )
  })

  it.each(BODIED_TURNS)('$id takes no such value for a member', async ({ turn, ...operation }) => {
    const values = operation.members.flatMap((member) =>
      [...NO_VALUES, ...(member.includes('code') ? NO_CODES : [])].map((value) => `{"${member}":${value}}`),
    )
    await service.expectUnchanged(operation.id, () =>
      forEach(thinned(values, { share: 4, turn }), async (body) => {
        expect(await post(operation, body), body).toBe('400 invalid-request')
      }),
    )
  })

  it.each(BODIED)('$id reads no member out of what every object has', async (operation) => {
    await service.expectUnchanged(operation.id, () =>
      forEach(WITHOUT_MEMBERS, async (body) => {
        const expected = takes(operation, JSON.parse(body)) ? WITHOUT_PROOF : /^400 invalid-request$/
        expect(await post(operation, body), body).toMatch(expected)
      }),
    )
  })

  it.each(BODIED)('$id takes 4096 bytes and no more', async (operation) => {
    await service.expectUnchanged(operation.id, async () => {
      for (const size of [LARGEST - 1, LARGEST]) expect(await post(operation, bodyOfSize(size))).toMatch(/^400/)
      for (const size of [LARGEST + 1, 2 * LARGEST, 1_000_000]) {
        expect(await post(operation, bodyOfSize(size)), String(size)).toBe('413 payload-too-large')
      }
    })
  })
})
