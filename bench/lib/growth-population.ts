import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '@libsql/client/http'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { bytesOf } from '../../scripts/measure/size.ts'
import { type Enrolled, enroll } from '../../test/support/node/enroll.ts'
import { cpuMsOf } from './cpu.ts'
import { loadSubjects } from './growth-load.ts'

/** A pause in which a server that is at rest computes less than this. */
const PAUSE_MS = 500
const AT_REST_MS = 25
const PAUSES = 120

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
    report(`${subjects} subjects in ${loadSeconds.toFixed(0)} s`)
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
  let said = 0
  for (let done = 0; people.length < options.people; ) {
    const sub = randomUUID()
    people.push({ sub, ...(await enroll(service, sub)) })
    const until = Math.round((subjects * people.length) / options.people)
    await loadSubjects(client, { count: until - done - 1, issuer, keyId })
    done = until
    if (done - said < subjects / 10) continue
    said = done
    options.report(`${done} of ${subjects} after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`)
  }
  return people
}

/** Waits until the server has put away what it wrote. */
async function rest(pid: number): Promise<void> {
  for (let pause = 0; pause < PAUSES; pause += 1) {
    const before = await cpuMsOf(pid)
    await sleep(PAUSE_MS)
    if ((await cpuMsOf(pid)) - before < AT_REST_MS) return
  }
}
