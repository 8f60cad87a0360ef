import { randomUUID } from 'node:crypto'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { codeOf } from '../../test/support/phone.ts'
import { cpuMsOf } from './cpu.ts'
import type { Person, Population } from './growth-population.ts'
import { quantile, rounded, type Spread, spread } from './statistics.ts'

const PROFILE = '/api/user/profile/mfa'
const TOKEN_SECONDS = 600

/** What is asked of the service; an enrollment is two requests. */
export const GROWTH_CASES = ['status', 'challenge', 'challenge-backup-code', 'enrollment'] as const
export type GrowthCase = (typeof GROWTH_CASES)[number]

/** What one of them costs, in milliseconds: to whoever waits, and to either process. */
export type RequestCost = {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly workerCpuMs: Spread
  readonly databaseCpuMs: Spread
  /** How many were answered 503, because the database took longer than it may. */
  readonly unavailable: number
}

/** One round of one case. */
export type Round = {
  readonly latencies: readonly number[]
  readonly workerCpuMs: number
  readonly databaseCpuMs: number
  readonly unavailable: number
}

/** The service had no answer of its database in time. */
class Unavailable extends Error {}

/** Who is asked about, and for the how manieth time. */
type Turn = { readonly person: Person; readonly round: number; readonly at: number }

/** Asks one after another, so that nobody waits for anybody else; each time about somebody else. */
export async function measureRound(
  population: Population,
  options: { readonly wanted: GrowthCase; readonly round: number; readonly samples: number },
): Promise<Round> {
  const { wanted, round, samples } = options
  const { worker, database } = population.service
  const asks = []
  for (const turn of turns(population, { round, samples })) asks.push(await PREPARE[wanted](population, turn))
  const cpu = async () => [await cpuMsOf(worker.child.process.pid ?? 0), await cpuMsOf(database.process.pid ?? 0)]
  const [worker0 = 0, database0 = 0] = await cpu()
  const latencies: number[] = []
  let unavailable = 0
  for (const ask of asks) {
    const startedAt = performance.now()
    unavailable += await ask().then(() => 0, countUnavailable)
    latencies.push(performance.now() - startedAt)
  }
  const [worker1 = 0, database1 = 0] = await cpu()
  const [workerCpuMs, databaseCpuMs] = [(worker1 - worker0) / samples, (database1 - database0) / samples]
  return { latencies, workerCpuMs, databaseCpuMs, unavailable }
}

/** Puts the rounds of a case together. */
export function costOf(rounds: readonly Round[]): RequestCost {
  const latencies = rounds.flatMap((round) => round.latencies)
  return {
    p50Ms: rounded(quantile(latencies, 0.5)),
    p95Ms: rounded(quantile(latencies, 0.95)),
    workerCpuMs: spread(rounds.map(({ workerCpuMs }) => rounded(workerCpuMs, 3))),
    databaseCpuMs: spread(rounds.map(({ databaseCpuMs }) => rounded(databaseCpuMs, 3))),
    unavailable: rounds.reduce((sum, { unavailable }) => sum + unavailable, 0),
  }
}

function countUnavailable(error: unknown): number {
  if (error instanceof Unavailable) return 1
  throw error
}

/** Every round has people of its own, who lie evenly in the table. */
function turns({ people }: Population, options: { round: number; samples: number }): readonly Turn[] {
  const { round, samples } = options
  const apart = people.length / samples
  return Array.from({ length: samples }, (_, index) => {
    const at = (Math.floor(index * apart) + round) % people.length
    return people.slice(at, at + 1).map((person) => ({ person, round, at }))
  }).flat()
}

const PREPARE: Readonly<Record<GrowthCase, (population: Population, turn: Turn) => Promise<() => Promise<unknown>>>> = {
  /** Of somebody in the crowd: a status needs no secret. */
  status: async (population, { at }) => {
    const headers = await authorization(population, await subBeside(population, at))
    return () => ask(population, '', { headers })
  },
  challenge: async (population, { person }) => {
    const headers = await authorization(population, person.sub)
    // The step after this one, since the enrollment may have used this one.
    return () => post(population, { path: '/challenge', headers, body: { code: person.code(1) } })
  },
  'challenge-backup-code': async (population, { person, round }) => {
    const headers = await authorization(population, person.sub)
    const body = { backup_code: person.backupCodes[round] }
    return () => post(population, { path: '/challenge', headers, body })
  },
  enrollment: async (population) => {
    const headers = await authorization(population, randomUUID())
    return async () => {
      const { secret } = await post(population, { path: '/setup', headers, body: {} })
      await post(population, { path: '/verify', headers, body: { code: codeOf(String(secret)) } })
    }
  },
}

async function authorization({ service }: Population, sub: string): Promise<Readonly<Record<string, string>>> {
  const token = await signAccessToken(service.settings, { sub, expiresInSeconds: TOKEN_SECONDS })
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
}

/** Somebody else, whose row lies about where that of the person of this number does. */
async function subBeside({ client, subjects, people }: Population, at: number): Promise<string> {
  const id = Math.floor(((at + 0.5) * subjects) / people.length)
  const { rows } = await client.execute({ sql: 'SELECT sub FROM subject WHERE id = ?', args: [id] })
  return String(rows[0]?.['sub'])
}

async function post(
  population: Population,
  { path, headers, body }: { path: string; headers: Readonly<Record<string, string>>; body: object },
): Promise<Readonly<Record<string, unknown>>> {
  return ask(population, path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function ask(
  { service }: Population,
  path: string,
  request: RequestInit,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${service.url}${PROFILE}${path}`, request)
  const text = await response.text()
  if (response.status === 503) throw new Unavailable()
  if (response.status !== 200) throw new Error(`${path || 'status'} was answered ${response.status} ${text}`)
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}
