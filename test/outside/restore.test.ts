import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client/http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrollOne } from '../../bench/lib/storage-load.ts'
import { applyMigrations } from '../../operator/migrations.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { startSqld } from '../../scripts/lib/sqld.ts'

type Sqld = Awaited<ReturnType<typeof startSqld>>

let folder: string
let production: Sqld
let restored: Sqld
let backup: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-mfa-restore-'))
  production = await startSqld({ folder: join(folder, 'production'), port: await freePort() })
  restored = await startSqld({ folder: join(folder, 'restored'), port: await freePort() })
  backup = join(folder, 'backup.sql')
  await applyMigrations({ url: production.url })
  for (let subject = 0; subject < 3; subject += 1) await enrollOne(production.url)
})

afterAll(async () => {
  await Promise.all([production.child.end(), restored.child.end()])
  await rm(folder, { recursive: true, force: true })
})

function script(name: string, options: { database: string; args?: readonly string[] }) {
  const env = { PATH: process.env['PATH'], TURSO_DATABASE_URL: options.database }
  const file = `scripts/${name}.ts`
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...(options.args ?? [])], {
    encoding: 'utf8',
    env,
  })
  return { status, output: `${stdout}${stderr}`.trim() }
}

async function contents(url: string): Promise<readonly unknown[]> {
  const client = createClient({ url })
  const tables = ['subject', 'authenticator', 'backup_code', 'event', 'key_use', '__drizzle_migrations']
  return Promise.all(
    tables.map(async (table) => (await client.execute(`SELECT * FROM ${table}`)).rows.map((row) => ({ ...row }))),
  )
}

describe('npm run backup', () => {
  it('writes the whole database into a file for its owner alone, and never over one', async () => {
    expect(script('backup', { database: production.url, args: ['--to', backup] }).status).toBe(0)
    expect((await stat(backup)).mode & 0o777).toBe(0o600)
    const again = script('backup', { database: production.url, args: ['--to', backup] })
    expect(again).toEqual({ status: 1, output: `${backup} exists already or cannot be written.` })
  })

  it('restores it into an empty database, row by row', async () => {
    expect(script('backup', { database: restored.url, args: ['--restore', backup] }).status).toBe(0)
    expect(await contents(restored.url)).toEqual(await contents(production.url))
  })

  it('restores nothing into a database that is in use, nor a file that broke off', async () => {
    const before = await contents(restored.url)
    const inUse = script('backup', { database: restored.url, args: ['--restore', backup] })
    expect(inUse).toEqual({ status: 1, output: expect.stringContaining('is not empty') })
    const half = join(folder, 'half.sql')
    await writeFile(half, (await readFile(backup, 'utf8')).slice(0, 2000))
    const broken = script('backup', { database: restored.url, args: ['--restore', half] })
    expect(broken).toEqual({ status: 1, output: expect.stringContaining('is not a complete dump') })
    expect(await contents(restored.url)).toEqual(before)
  })
})

describe('npm run reconcile-backup', () => {
  it('says what is open, and closes it when told to', async () => {
    const look = script('reconcile-backup', { database: restored.url })
    expect(look.output).toContain(
      '3 authenticators, 30 unused backup codes, 0 pending secrets, 3 stored responses of verify.',
    )
    const close = script('reconcile-backup', { database: restored.url, args: ['--apply'] })
    expect(close.output).toContain('Reconciled: 3 subjects, 30 backup codes.')
    const after = script('reconcile-backup', { database: restored.url })
    expect(after.output).toContain(
      '3 authenticators, 0 unused backup codes, 0 pending secrets, 0 stored responses of verify.',
    )
  })
})
