import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '@libsql/client/http'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { type Enrolled, enroll } from '../../test/support/node/enroll.ts'
import { cpuMsOf } from './cpu.ts'
import { bytesOf } from './database-size.ts'
import { loadSubjects } from './growth-load.ts'

/** A server that computes less than this in each of so many pauses is at rest. */
const AT_REST_MS = 10
const PAUSE_MS = 500
const PAUSES_AT_REST = 6
/** Ten minutes: then it is measured as it is. */
const PAUSES = 1_200
const REPORT_MS = 10_000
const TRIES = 20
const RETRY_MS = 1_000

/** Somebody who enrolled through the service itself, and so can pass its challenges. */
export type Person = Pick<Enrolled, 'backupCodes' | 'code'> & { readonly sub: string }

/** A service beside a database with so many subjects. */
export type Population = {
  readonly subjects: number
  readonly service: BareService
  readonly client: Client
  /** In the order of their rows, which lie evenly among all others. */
  readonly people: readonly Person[]
  readonly bytesPerSubject: number
  readonly loadSeconds: number
  readonly end: () => Promise<void>
}

/** Starts a service and fills its database; `report` is told how far it is. */
export async function startPopulation(options: {
  readonly subjects: number
  readonly people: number
  readonly script: string
  readonly report: (line: string) => void
}): Promise<Population> {
  const { subjects, report } = options
  const service = await startBareService({ script: options.script })
  const client = createClient({ url: service.databaseUrl })
  const end = async () => {
    client.close()
    await service.end()
  }
  try {
    const empty = await bytesOf(client)
    const startedAt = performance.now()
    const people = await fill(service, { ...options, client, startedAt })
    const loadSeconds = (performance.now() - startedAt) / 1_000
    await client.execute('DELETE FROM verify_repeat')
    const bytesPerSubject = Math.round(((await bytesOf(client)) - empty) / subjects)
    await rest(service.database.process.pid ?? 0)
    const allSeconds = (performance.now() - startedAt) / 1_000
    report(`${subjects} subjects in ${loadSeconds.toFixed(0)} s, at rest after ${allSeconds.toFixed(0)} s`)
    return { subjects, service, client, people, bytesPerSubject, loadSeconds, end }
  } catch (error) {
    await end()
    throw error
  }
}

async function fill(
  service: BareService,
  options: {
    readonly client: Client
    readonly subjects: number
    readonly people: number
    readonly startedAt: number
    readonly report: (line: string) => void
  },
): Promise<readonly Person[]> {
  const { client, subjects, startedAt } = options
  const issuer = service.settings['AUTH_ISSUER'] ?? ''
  const keyId = (service.settings['MFA_KEYS'] ?? '').split(':')[0] ?? ''
  const people: Person[] = []
  let reportedAt = startedAt
  for (let done = 0; people.length < options.people; ) {
    people.push(await enrollSomebody(service))
    const until = Math.round((subjects * people.length) / options.people)
    await loadSubjects(client, { count: until - done - 1, issuer, keyId })
    done = until
    if (performance.now() - reportedAt < REPORT_MS) continue
    reportedAt = performance.now()
    options.report(`${done} of ${subjects} after ${((reportedAt - startedAt) / 1_000).toFixed(0)} s`)
  }
  return people
}

/** While it is filled, the server may keep an enrollment waiting for longer than the service does: then somebody else comes. */
async function enrollSomebody(service: BareService): Promise<Person> {
  for (let attempt = 1; ; attempt += 1) {
    const sub = randomUUID()
    try {
      return { sub, ...(await enroll(service, sub)) }
    } catch (error) {
      if (attempt === TRIES) throw error
      await sleep(RETRY_MS)
    }
  }
}

/** Waits until the server has put away what it wrote: it goes through its log long after the last answer. */
async function rest(pid: number): Promise<void> {
  for (let pause = 0, quiet = 0; pause < PAUSES && quiet < PAUSES_AT_REST; pause += 1) {
    const before = await cpuMsOf(pid)
    await sleep(PAUSE_MS)
    quiet = (await cpuMsOf(pid)) - before < AT_REST_MS ? quiet + 1 : 0
  }
}
