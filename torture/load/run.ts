import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { BareService } from '../../scripts/lib/bare-service.ts'
import { headerOf, membersOf, openWire, type Wire, type WireAnswer } from '../lib/client.ts'
import { type Act, type Customer, type Held, isDone, newCustomer, nextAct } from './customer.ts'

const PROFILE = '/api/user/profile/mfa'
const GIVE_UP_MS = 20_000
const PACE_MS = 5

/** What became of one request. */
export type Outcome = {
  readonly name: string
  readonly milliseconds: number
  readonly kind: 'right' | 'refused' | 'wrong' | 'lost'
  /** What was wrong with it. */
  readonly fault?: string
}

/** Customers of a service, and what became of all that they asked. */
export type Load = {
  readonly customers: readonly Customer[]
  /** Keeps so many requests going. */
  readonly keepBusy: (options: { workers: number; forMs: number }) => Promise<readonly Outcome[]>
  /** Sends so many a second, whatever the answers do; what finds no free connection is left out and counted. */
  readonly press: (options: { perSecond: number; forMs: number }) => Promise<Pressed>
  readonly close: () => void
}

/** What became of the requests of an open loop. */
export type Pressed = { readonly outcomes: readonly Outcome[]; readonly leftOut: number; readonly seconds: number }

/** Opens a load on a service. @param sockets the most requests at a time */
export function openLoad(service: BareService, sockets: number): Load {
  const wire = openWire(service.url, { sockets, timeoutMs: GIVE_UP_MS })
  const customers: Customer[] = []
  const idle: Customer[] = []

  async function someone(): Promise<Customer> {
    const found = idle.length > 0 && Math.random() < 0.95 ? takeAny(idle) : undefined
    if (found) return found
    const customer = await newCustomer(service.settings)
    customers.push(customer)
    return customer
  }

  async function once(): Promise<Outcome> {
    const customer = await someone()
    const outcome = await perform(wire, customer)
    if (!isDone(customer)) idle.push(customer)
    return outcome
  }

  async function keepBusy({ workers, forMs }: { workers: number; forMs: number }): Promise<readonly Outcome[]> {
    const until = performance.now() + forMs
    const work = async () => {
      const outcomes: Outcome[] = []
      while (performance.now() < until) outcomes.push(await once())
      return outcomes
    }
    return (await Promise.all(Array.from({ length: workers }, work))).flat()
  }

  async function press({ perSecond, forMs }: { perSecond: number; forMs: number }): Promise<Pressed> {
    const startedAt = performance.now()
    const under = new Set<Promise<Outcome>>()
    const outcomes: Outcome[] = []
    let [due, leftOut] = [0, 0]
    for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - startedAt) {
      for (; due < (elapsed * perSecond) / 1_000; due += 1) {
        if (under.size >= sockets) leftOut += 1
        else track(once(), { under, outcomes })
      }
      await sleep(PACE_MS)
    }
    await Promise.all(under)
    return { outcomes, leftOut, seconds: (performance.now() - startedAt) / 1_000 }
  }

  return { customers, keepBusy, press, close: wire.close }
}

/** What is wrong with what the service holds of a customer, asked as its administrator; undefined where nothing is. */
export async function faultOf(wire: Wire, options: { customer: Customer; admin: string }): Promise<string | undefined> {
  const { customer, admin } = options
  const path = `/api/admin/users/${customer.sub}/mfa`
  const answer = await wire.send({ method: 'GET', path, token: admin })
  if (answer.status !== 200) return `${answer.status} for the status`
  const found = heldOf(membersOf(answer))
  const expected = [customer.held, ...customer.doubts]
  if (expected.some((each) => isDeepStrictEqual(each, found))) return undefined
  return `${JSON.stringify(found)} is held, told was ${JSON.stringify(expected)}`
}

function heldOf(members: Readonly<Record<string, unknown>>): Held {
  const { remaining } = members['backup_codes'] as { remaining: number }
  const { failures } = members['throttle'] as { failures: number }
  return {
    enabled: members['enabled'] === true,
    pending: members['pending'] !== null,
    backupCodes: remaining,
    failures,
  }
}

function track(work: Promise<Outcome>, into: { under: Set<Promise<Outcome>>; outcomes: Outcome[] }): void {
  into.under.add(work)
  void work.then((outcome) => {
    into.under.delete(work)
    into.outcomes.push(outcome)
  })
}

async function perform(wire: Wire, customer: Customer): Promise<Outcome> {
  const act = nextAct(customer)
  customer.asked += 1
  const { name, method, path, token = customer.token, body } = act
  const request = { method, path: `${PROFILE}${path}`, token, ...(body && { body: JSON.stringify(body) }) }
  const answer = await wire.send(request).catch((error: Error) => error)
  if (answer instanceof Error) {
    doubt(customer, act)
    return { name, milliseconds: Number.POSITIVE_INFINITY, kind: 'lost', fault: `${name}: ${answer.message}` }
  }
  return { name, milliseconds: answer.milliseconds, ...judge(customer, { act, answer }) }
}

/** A refusal is an answer too, where it says when to come back; one without the database is never refused. */
function judge(customer: Customer, { act, answer }: { act: Act; answer: WireAnswer }): Pick<Outcome, 'kind' | 'fault'> {
  const wrong = { kind: 'wrong', fault: `${act.name}: ${answer.status} ${answer.text}` } as const
  if (answer.status === 503 && act.status !== 401) {
    doubt(customer, act)
    return headerOf(answer, 'Retry-After') === undefined ? wrong : { kind: 'refused' }
  }
  if (!isExpected(act, answer)) {
    doubt(customer, act)
    return wrong
  }
  customer.held = { ...customer.held, ...act.held }
  act.learn?.(membersOf(answer))
  return { kind: 'right' }
}

function isExpected({ status, members = {} }: Act, answer: WireAnswer): boolean {
  if (answer.status !== status) return false
  const found = membersOf(answer)
  return Object.entries(members).every(([name, value]) => isDeepStrictEqual(found[name], value))
}

/** An answer that tells of no outcome leaves all of them possible. */
function doubt(customer: Customer, { held, doubts = [] }: Act): void {
  if (held) customer.doubts = [held, ...doubts].map((each) => ({ ...customer.held, ...each }))
}

function takeAny(idle: Customer[]): Customer | undefined {
  const at = Math.floor(Math.random() * idle.length)
  const found = idle[at]
  const last = idle.pop()
  if (last && found !== last) idle[at] = last
  return found
}
