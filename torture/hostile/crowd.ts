import { createClient } from '@libsql/client/http'
import type { BareService } from '../../scripts/lib/bare-service.ts'
import type { Wire } from '../lib/client.ts'
import { makeVeteran, type Veteran } from '../lib/subjects.ts'
import type { Kind } from './interleaved.ts'

const STEP_MS = 30_000
/** Wrong codes after which a subject would have to wait. */
const FREE_TURNS = 4
/** Steps that count as used: those whose code may be sent before they are set again. */
const USED_AHEAD = 4

/** Subjects in one and the same state, to whom any kind of code can be sent for as long as it takes. */
export type Crowd = {
  readonly veterans: readonly Veteran[]
  /** How many requests of them all may charge an attempt until they must be renewed. */
  readonly turns: number
  /** Whose turn it is. */
  readonly next: () => Veteran
  /** Takes back all failures, and has the steps around now count as used. */
  readonly renew: () => Promise<void>
}

/** Makes a crowd. Its codes are remembered, so that making one up takes no time that others feel. */
export async function makeCrowd(service: BareService, size: number): Promise<Crowd> {
  const veterans: Veteran[] = []
  while (veterans.length < size) veterans.push(withMemory(await makeVeteran(service)))
  let turn = 0
  const next = () => {
    turn += 1
    const veteran = veterans[turn % size]
    if (!veteran) throw new Error('the crowd is empty')
    return veteran
  }
  return { veterans, turns: size * FREE_TURNS, next, renew: () => renew(service) }
}

/** What is sent for a subject, and the status of the refusal that it must meet. */
export type Ask = {
  readonly method?: string
  readonly path: (veteran: Veteran) => string
  readonly token?: (veteran: Veteran) => string
  readonly body: (veteran: Veteran) => object
  readonly status: number
}

/** Asks for whose turn it is. */
export function kindOf(ask: Ask, by: { readonly crowd: Crowd; readonly wire: Wire }): Kind {
  const { method = 'POST', path, token = () => undefined, body, status } = ask
  return () => {
    const veteran = by.crowd.next()
    const request = {
      method,
      path: path(veteran),
      token: token(veteran) ?? veteran.token,
      body: JSON.stringify(body(veteran)),
    }
    return async () => {
      const answer = await by.wire.send(request)
      if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`)
      return answer.milliseconds
    }
  }
}

async function renew({ databaseUrl }: BareService): Promise<void> {
  await createClient({ url: databaseUrl }).batch(
    [
      'UPDATE subject SET failures = 0, retry_at = NULL',
      { sql: "UPDATE authenticator SET last_step = ? WHERE state = 'active'", args: [BigInt(stepNow() + USED_AHEAD)] },
      "UPDATE authenticator SET attempts = '[]' WHERE state = 'pending'",
    ],
    'write',
  )
}

function withMemory(veteran: Veteran): Veteran {
  const code = remembered(veteran.code)
  return { ...veteran, code, pendingCode: remembered(veteran.pendingCode) }
}

function remembered(code: (stepsAhead: number) => string): (stepsAhead: number) => string {
  const known = new Map<number, string>()
  return (stepsAhead) => {
    const step = stepNow() + stepsAhead
    const found = known.get(step) ?? code(stepsAhead)
    known.set(step, found)
    return found
  }
}

function stepNow(): number {
  return Math.floor(Date.now() / STEP_MS)
}
