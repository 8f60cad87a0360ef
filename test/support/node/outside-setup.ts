import { randomInt } from 'node:crypto'
import { createServer } from 'node:http'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { isPortFree } from '../../../scripts/lib/process.ts'
import { startLocalService } from '../../../scripts/lib/service.ts'
import { FLAGS } from './browser.ts'
import { listen } from './loopback.ts'
import { pathOf } from './programs.ts'

/** Below the ports that outgoing connections get, so the port stays free until a test listens on it. */
const PORTS = { from: 20_000, to: 30_000 }

/**
 * Starts one service and one browser for all files of the project, each when the first file asks for it over HTTP:
 * a single file that needs neither starts neither.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ends: (() => Promise<void>)[] = []
  const starters = new Map<string, () => Promise<object>>([
    ['/service', once(() => startService(ends))],
    ['/browser', once(() => startBrowser(ends))],
  ])
  const server = createServer((request, response) => {
    const start = starters.get(request.url ?? '')
    if (start === undefined) return void response.writeHead(404).end()
    start().then(
      (started) => response.end(JSON.stringify(started)),
      (error: Error) => response.writeHead(500).end(error.message),
    )
  })
  const { url, close } = await listen(server)
  project.provide('sharedUrl', url)
  return async () => {
    await close()
    await Promise.all(ends.map((end) => end()))
  }
}

async function startService(ends: (() => Promise<void>)[]) {
  const origin = `http://127.0.0.1:${await unusedPort()}`
  const { url, settings, end } = await startLocalService({ CORS_ORIGINS: origin })
  ends.push(end)
  return { url, settings, origin }
}

async function startBrowser(ends: (() => Promise<void>)[]) {
  const server = await chromium.launchServer({ executablePath: pathOf('chromium') ?? '', args: [...FLAGS] })
  ends.push(() => server.close())
  return { endpoint: server.wsEndpoint() }
}

function once<Value>(start: () => Promise<Value>): () => Promise<Value> {
  let started: Promise<Value> | undefined
  return () => {
    started ??= start()
    return started
  }
}

async function unusedPort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to)
    if (await isPortFree(port)) return port
  }
}
