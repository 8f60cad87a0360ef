import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { openWire, type Wire } from '../lib/client.ts'
import { builtWorker, isLong, report, sized } from '../lib/run.ts'
import { median, quantile, shuffled } from '../lib/statistics.ts'
import { newcomer } from '../lib/subjects.ts'
import { requestTimes } from './log.ts'
import { between, heldObjects, residentMegabytes, type Sample, TELLING_COLLECTOR, watchProcess } from './memory.ts'
import { faultOf, type Load, type Outcome, openLoad, type Pressed } from './run.ts'

/*
 * One story: what one Worker and one database on this machine do at most, most of that for a while, ten times that at
 * once, and what is left of it. Each customer knows the one right answer to what it asks, and what is held of it.
 */

const WORKERS = isLong ? [4, 8, 16, 32] : [8]
const RAMP_MS = sized({ short: 1_000, long: 3_000 })
const STEADY_MS = sized({ short: 2_000, long: 60_000 })
const BURST_MS = sized({ short: 500, long: 6_000 })
const AGAIN_MS = sized({ short: 1_000, long: 8_000 })
const SOCKETS = sized({ short: 60, long: 500 })
const CHECKED = sized({ short: 60, long: 2_000 })
const LIMIT_MS = sized({ short: 90_000, long: 200_000 })
/** Of the most: a load that is steady has some room. */
const STEADY_PART = 1 / 2
const BURST_FACTOR = 10
/** When a request is answered at the latest, counted from its turn in the Worker; and what a busy machine adds. */
const DEADLINE_MS = 5_000
const LENIENCE_MS = 1_000
const RECOVERY_MS = 15_000
const QUIET_MS = 1_000
const SAMPLE_MS = 500
/** Megabytes by which a Worker's objects may outgrow those of a warm one: what is under way at the moment. */
const OBJECTS_GROWTH = sized({ short: 16, long: 2 })
/** By which the whole process may: the engine keeps room for what was there once. */
const PROCESS_GROWTH = sized({ short: 100, long: 40 })

/** Megabytes once warm, at the end of the steady load, and after the burst. */
type Memory = { readonly warm: number; readonly late: number; readonly after: number }

type Story = {
  readonly mostPerSecond: number
  readonly steady: Pressed
  readonly burst: Pressed
  readonly recoveredAfterMs: number
  readonly again: Pressed
  readonly objects: Memory
  readonly whole: Memory
  readonly faults: readonly string[]
}

let service: BareService
let wire: Wire
let load: Load
const objects = heldObjects()
const times = requestTimes()
let story: Story

beforeAll(async () => {
  const onLine = (line: string) => {
    objects.onLine(line)
    times.onLine(line)
  }
  service = await startBareService({ script: builtWorker(), v8Flags: TELLING_COLLECTOR, onLine })
  wire = openWire(service.url, { sockets: 4, timeoutMs: 20_000 })
  load = openLoad(service, SOCKETS)
  story = await live()
  report('load', await figures())
}, LIMIT_MS)

afterAll(async () => {
  load.close()
  wire.close()
  await service.end()
})

async function live(): Promise<Story> {
  const whole = watchProcess(service.worker.child.process.pid, SAMPLE_MS)
  const mostPerSecond = await ramp()
  const perSecond = mostPerSecond * STEADY_PART
  const startedAt = performance.now()
  const steady = await load.press({ perSecond, forMs: STEADY_MS })
  const burst = await load.press({ perSecond: mostPerSecond * BURST_FACTOR, forMs: BURST_MS })
  const recoveredAfterMs = await recovery()
  const againAt = performance.now()
  const again = await load.press({ perSecond, forMs: AGAIN_MS })
  whole.end()
  const moments = { startedAt, againAt }
  const memory = { objects: memoryOf(objects.samples, moments), whole: memoryOf(whole.samples, moments) }
  // What a refused request left with the database has its time to arrive there.
  await sleep(QUIET_MS)
  const faults = await whatIsHeldWrong()
  return { mostPerSecond, steady, burst, recoveredAfterMs, again, ...memory, faults }
}

/** The second fifth of the steady load, its last one, and what came after the burst; 0 where nobody looked. */
function memoryOf(samples: readonly Sample[], { startedAt, againAt }: { startedAt: number; againAt: number }): Memory {
  const at = (part: number) => startedAt + part * STEADY_MS
  const [warm = 0, late = 0, after = 0] = [
    between(samples, at(0.2), at(0.4)),
    between(samples, at(0.8), at(1)),
    between(samples, againAt, Number.POSITIVE_INFINITY),
  ].map((megabytes) => (megabytes.length === 0 ? 0 : median(megabytes)))
  return { warm, late, after }
}

/** The most that any number of requests at a time brings through in a second. */
async function ramp(): Promise<number> {
  const rates: number[] = []
  for (const workers of WORKERS) {
    const outcomes = await load.keepBusy({ workers, forMs: RAMP_MS })
    rates.push((of(outcomes, 'right').length / RAMP_MS) * 1_000)
  }
  return Math.max(...rates)
}

/** Milliseconds until somebody who asks plainly is answered plainly. */
async function recovery(): Promise<number> {
  const { token } = await newcomer(service)
  const startedAt = performance.now()
  while (performance.now() - startedAt < 2 * RECOVERY_MS) {
    const { status } = await wire.send({ method: 'GET', path: '/api/user/profile/mfa', token })
    if (status === 200) break
    await sleep(100)
  }
  return performance.now() - startedAt
}

/** Asks for the customers whose last answer told of no outcome, and for some others. */
async function whatIsHeldWrong(): Promise<readonly string[]> {
  const { token: admin } = await newcomer(service, 'mfa:read')
  const [doubtful, certain] = [true, false].map((doubted) =>
    shuffled(load.customers.filter(({ doubts }) => doubts.length > 0 === doubted)).slice(0, CHECKED),
  )
  const faults: string[] = []
  for (const customer of [...(doubtful ?? []), ...(certain ?? [])]) {
    const fault = await faultOf(wire, { customer, admin })
    if (fault !== undefined) faults.push(fault)
  }
  return faults
}

function of(outcomes: readonly Outcome[], kind: Outcome['kind']): readonly Outcome[] {
  return outcomes.filter((each) => each.kind === kind)
}

function described({ outcomes, seconds, leftOut }: Pressed): string {
  const times = outcomes.map(({ milliseconds }) => milliseconds)
  const [p50, p99, last] = [0.5, 0.99, 1].map((part) => `${Math.round(quantile(times, part))} ms`)
  const counts = (['right', 'refused', 'wrong', 'lost'] as const).map((kind) => `${of(outcomes, kind).length} ${kind}`)
  const rate = `${Math.round(outcomes.length / seconds)} a second`
  return `${rate}, ${counts.join(', ')}, ${leftOut} not sent; p50 ${p50}, p99 ${p99}, last ${last}`
}

async function figures() {
  const { mostPerSecond, steady, burst, recoveredAfterMs, again } = story
  const database = await residentMegabytes(service.database.process.pid)
  return {
    'the most': `${Math.round(mostPerSecond)} a second`,
    steady: described(steady),
    burst: described(burst),
    recovery: `${Math.round(recoveredAfterMs)} ms`,
    'longest in the Worker': `${times.longestMs()} ms`,
    'steady again': described(again),
    'objects of the Worker': inWords(story.objects),
    'its whole memory': inWords(story.whole),
    'memory of the database': `${database} MB`,
    customers: `${load.customers.length}, ${load.customers.filter(({ doubts }) => doubts.length > 0).length} not told an outcome`,
  }
}

function inWords({ warm, late, after }: Memory): string {
  return `${warm} MB warm, ${late} MB at the end, ${after} MB after the burst`
}

function faultsIn(...loads: readonly Pressed[]): readonly (string | undefined)[] {
  return loads.flatMap(({ outcomes }) => outcomes.filter(({ fault }) => fault !== undefined)).map(({ fault }) => fault)
}

describe('a steady load', () => {
  it('is answered rightly, each request of it', () => {
    expect(of(story.steady.outcomes, 'right').length).toBeGreaterThan(0)
    expect(faultsIn(story.steady)).toEqual([])
  })

  it('leaves nothing behind in the Worker', () => {
    const { objects, whole } = story
    expect(Math.max(objects.late, objects.after)).toBeLessThan(objects.warm + OBJECTS_GROWTH)
    expect(whole.late).toBeLessThan(whole.warm + PROCESS_GROWTH)
  })
})

describe('a burst of ten times as much', () => {
  it('is answered rightly or refused with a time to come back', () => {
    expect(faultsIn(story.burst)).toEqual([])
  })

  it('piles nothing up: from its turn on each request meets its deadline, and none waits long for its turn', () => {
    const turnMs = (SOCKETS / story.mostPerSecond) * 1_000
    const last = Math.max(...story.burst.outcomes.map(({ milliseconds }) => milliseconds))
    expect(times.longestMs()).toBeLessThan(DEADLINE_MS + LENIENCE_MS)
    expect(last).toBeLessThan(DEADLINE_MS + LENIENCE_MS + turnMs)
  })

  it('is over when it is over', () => {
    expect(story.recoveredAfterMs).toBeLessThan(RECOVERY_MS)
    expect(of(story.again.outcomes, 'right').length).toBeGreaterThan(of(story.again.outcomes, 'refused').length)
    expect(faultsIn(story.again)).toEqual([])
  })
})

describe('after all that', () => {
  it('is held what the customers were told', () => {
    expect(story.faults).toEqual([])
  })
})
