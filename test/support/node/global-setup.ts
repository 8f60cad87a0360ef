import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { applyMigrations } from '../../../operator/migrations.ts'
import { freePort } from '../../../scripts/lib/process.ts'
import { startSqld } from '../../../scripts/lib/sqld.ts'
import { startFaultProxy } from './fault-proxy.ts'

/** In the short form, as a part of every run of the tests. */
const MODEL_HISTORIES = 20

type Backend = { readonly databaseUrl: string; readonly proxyUrl: string; readonly close: () => Promise<void> }

/** A real libSQL server with all migrations, and the proxy before it; further ones for tests that ask the proxy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started: Backend[] = []
  const start = async () => {
    const backend = await startBackend(start)
    started.push(backend)
    return backend
  }
  const { databaseUrl, proxyUrl } = await start()
  project.provide('databaseUrl', databaseUrl)
  project.provide('proxyUrl', proxyUrl)
  project.provide('modelHistories', Number(process.env['MODEL_HISTORIES'] ?? MODEL_HISTORIES))
  return async () => {
    await Promise.all(started.map(({ close }) => close()))
  }
}

async function startBackend(startAnother: () => Promise<Backend>): Promise<Backend> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-test-'))
  const { url, child } = await startSqld({ folder, port: await freePort() })
  await applyMigrations({ url })
  const proxy = await startFaultProxy(url, startAnother)
  const close = async () => {
    await proxy.close()
    await child.end()
    await rm(folder, { recursive: true, force: true })
  }
  return { databaseUrl: url, proxyUrl: proxy.url, close }
}
