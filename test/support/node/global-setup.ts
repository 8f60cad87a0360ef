import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { applyMigrations } from '../../../scripts/lib/migrations.ts'
import { freePort } from '../../../scripts/lib/process.ts'
import { startSqld } from '../../../scripts/lib/sqld.ts'
import { startFaultProxy } from './fault-proxy.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The real libSQL server, for looking at the rows. */
    databaseUrl: string
    /** The proxy before it, which counts calls and makes them fail. */
    proxyUrl: string
  }
}

/** A real libSQL server with all migrations, and the proxy before it, for as long as the tests run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-test-'))
  const { url, child } = await startSqld({ folder, port: await freePort() })
  await applyMigrations({ url })
  const proxy = await startFaultProxy(url)
  project.provide('databaseUrl', url)
  project.provide('proxyUrl', proxy.url)
  return async () => {
    await proxy.close()
    await child.end()
    await rm(folder, { recursive: true, force: true })
  }
}
