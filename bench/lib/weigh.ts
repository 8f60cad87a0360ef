import { gzipSync } from 'node:zlib'
import { freePort } from '../../scripts/lib/process.ts'
import { shippedPackages } from '../../scripts/lib/shipped.ts'
import { startWorkerd } from '../../scripts/lib/workerd.ts'
import type { Contender } from '../contenders/contender.ts'
import { median, rounded } from './statistics.ts'

/** Starts of which the middle one counts. */
const STARTS = 10
/** Nobody answers at this address: a start asks no database. */
const NO_DATABASE = 'http://127.0.0.1:9'
const EMPTY = 'export default { fetch: () => new Response("ok") }'

/** A bundle in bytes, and milliseconds from the start of a runtime to its first answer beyond those of an empty Worker. */
export type Weight = { readonly bytes: number; readonly gzipped: number; readonly startupMs: number }

/** Weighs each of them, and starts them in turn. */
export async function weigh(contenders: readonly Contender[]): Promise<Readonly<Record<string, Weight>>> {
  const starts = new Map<string, number[]>()
  for (let round = 0; round < STARTS; round += 1) {
    await noteStart(starts, 'empty', () => timeStart(EMPTY))
    for (const contender of contenders)
      await noteStart(starts, contender.name, () => timeStart(contender.script, contender))
  }
  const empty = median(starts.get('empty') ?? [])
  return Object.fromEntries(
    contenders.map(({ name, script }) => [
      name,
      {
        bytes: Buffer.byteLength(script),
        gzipped: gzipSync(script, { level: 9 }).length,
        startupMs: rounded(median(starts.get(name) ?? []) - empty, 1),
      },
    ]),
  )
}

async function noteStart(starts: Map<string, number[]>, name: string, start: () => Promise<number>): Promise<void> {
  const taken = starts.get(name) ?? []
  taken.push(await start())
  starts.set(name, taken)
}

async function timeStart(script: string, contender?: Contender): Promise<number> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = contender?.settings({ url, databaseUrl: NO_DATABASE }) ?? {}
  const compatibilityFlags = contender?.compatibilityFlags ?? []
  const startedAt = performance.now()
  const worker = await startWorkerd({ script, settings, compatibilityFlags, port, pollMs: 1 })
  const taken = performance.now() - startedAt
  await worker.end()
  return taken
}

/** Bytes of the minified Worker by where they come from: each package, and our own code. */
export async function weighParts(script: string): Promise<Readonly<Record<string, number>>> {
  const packages = await shippedPackages()
  const theirs = packages.reduce((sum, { bytes }) => sum + bytes, 0)
  return Object.fromEntries([
    ['edge-mfa', Buffer.byteLength(script) - theirs],
    ...packages.map(({ name, bytes }) => [name, bytes] as const).toSorted(([, a], [, b]) => b - a),
  ])
}
