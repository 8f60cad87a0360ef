import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@libsql/client/http'
import { applyMigrations } from '../operator/migrations.ts'
import { freePort } from '../scripts/lib/process.ts'
import { startSqld } from '../scripts/lib/sqld.ts'
import { bytesOf } from './lib/database-size.ts'
import { challengeOne, dropRepeats, enrollOne, type Member } from './lib/storage-load.ts'

/*
 * Measures the bytes of a subject in the database, and how many batches of the store a libSQL writer commits per second,
 * on a new local server. docs/scaling.md has the figures.
 */

const TABLES = ['subject', 'authenticator', 'backup_code', 'event', 'key_use', 'verify_repeat'] as const

/** Enrolls `subjects` subjects and prints the measurements. */
export async function measureStorage(subjects: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-measure-'))
  const { url, child } = await startSqld({ folder, port: await freePort() })
  try {
    await applyMigrations({ url })
    console.log(`${cpus().length} cores, Node ${process.version}; client and server share them.`)
    await measure(url, subjects)
  } finally {
    await child.end()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(url: string, subjects: number): Promise<void> {
  const client = createClient({ url })
  const empty = await bytesOf(client)
  const members: Member[] = []
  const enrolling = await atOnce(8, { count: subjects, work: async () => void members.push(await enrollOne(url)) })
  report('enrollments, 8 at once', { seconds: enrolling, count: subjects, batches: 3 })
  await dropRepeats(url, subjects)
  const enrolled = await bytesOf(client)
  const perSubject = Math.round((enrolled - empty) / subjects)
  console.log(`${perSubject} bytes a subject after the enrollment: ${await rowsPerSubject(client, subjects)}`)
  for (const [round, width] of [1, 8, 32].entries()) {
    const count = width === 1 ? Math.min(subjects, 300) : subjects
    const work = (at: number) => challengeOne(url, { member: memberAt(members, at), round })
    report(`challenges, ${width} at once`, { seconds: await atOnce(width, { count, work }), count, batches: 2 })
  }
  const events = await count(client, "SELECT count(*) FROM event WHERE type = 'challenge.passed'")
  console.log(`${Math.round(((await bytesOf(client)) - enrolled) / events)} bytes an event more`)
}

function memberAt(members: readonly Member[], at: number): Member {
  const member = members[at % members.length]
  if (!member) throw new Error('nobody is enrolled')
  return member
}

/** Does `work` a number of times, so many at once. Answers seconds. */
async function atOnce(width: number, options: { count: number; work: (at: number) => Promise<void> }): Promise<number> {
  const startedAt = performance.now()
  let next = 0
  const worker = async () => {
    while (next < options.count) {
      const at = next
      next += 1
      await options.work(at)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return (performance.now() - startedAt) / 1000
}

function report(what: string, figures: { seconds: number; count: number; batches: number }): void {
  const { seconds, count, batches } = figures
  const rate = (each: number) => Math.round((count * each) / seconds)
  console.log(
    `${what}: ${rate(1)} a second, ${rate(batches)} writing batches a second (${count} in ${seconds.toFixed(1)} s)`,
  )
}

async function rowsPerSubject(client: Client, subjects: number): Promise<string> {
  const parts: string[] = []
  for (const table of TABLES)
    parts.push(`${table} ${(await count(client, `SELECT count(*) FROM ${table}`)) / subjects}`)
  return parts.join(', ')
}

async function count(client: Client, sql: string): Promise<number> {
  return Number((await client.execute(sql)).rows[0]?.[0])
}
