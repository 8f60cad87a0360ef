import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from '../../operator/cli-error.ts'
import { freePort, startChild, waitUntil } from './process.ts'
import { localSettings, type Settings } from './settings.ts'

const START_TIMEOUT_MS = 90_000
const DEV = fileURLToPath(new URL('../dev.ts', import.meta.url))

/** A local service as `npm run dev` starts it, on a free port and a fresh folder that goes with it. */
export type LocalService = {
  readonly url: string
  readonly settings: Settings
  readonly end: () => Promise<void>
}

/** Starts a local service from outside, and waits until it answers. `overrides` are settings stronger than the file's. */
export async function startLocalService(overrides: Settings = {}): Promise<LocalService> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-service-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const variables = Object.entries(overrides).flatMap(([name, value]) => ['--var', `${name}=${value}`])
  const child = startChild(process.execPath, [DEV, '--port', String(port), '--data', folder, ...variables])
  const end = async () => {
    await child.end()
    await rm(folder, { recursive: true, force: true })
  }
  const isReady = async () => (await fetch(`${url}/health`)).ok
  if (await waitUntil(isReady, { timeoutMs: START_TIMEOUT_MS, child }))
    return { url, settings: { ...(await localSettings()), ...overrides }, end }
  await end()
  throw new CliError(`The service did not start: ${child.lastWords()}`)
}
