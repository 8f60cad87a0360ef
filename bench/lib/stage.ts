import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request as send } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/lib/process.ts'
import { startSqld } from '../../scripts/lib/sqld.ts'
import { startWorkerd } from '../../scripts/lib/workerd.ts'
import type { Case, Contender, Exchange, Send } from '../contenders/contender.ts'
import { type DatabaseProxy, startProxy } from './proxy.ts'

/** A contender that runs: a Worker, a database of its own, and the distance between them. */
export type Stage = {
  readonly name: string
  readonly url: string
  readonly proxy: DatabaseProxy
  readonly workerPid: number
  readonly databasePid: number
  /** Does what comes before a case and answers the request to be measured; undefined where there is no such case. */
  readonly prepare: (wanted: Case) => Promise<Exchange | undefined>
  /**
   * Sends a request and answers how many milliseconds it took. Complains when it was not answered as expected; undefined
   * for a contender that may fail.
   */
  readonly time: (exchange: Exchange) => Promise<number | undefined>
  readonly end: () => Promise<void>
}

/** How often a contender that may fail is asked to make a request ready. */
const TRIES = 3

/** Numbers of people, each of whom comes once. */
let people = 0

/** Starts a contender. */
export async function startStage(contender: Contender, inspectorPort?: number): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-bench-'))
  const { url: databaseUrl, child: database } = await startSqld({ folder, port: await freePort() })
  await contender.migrate(databaseUrl)
  const proxy = await startProxy(databaseUrl)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { name, script, compatibilityFlags } = contender
  const settings = contender.settings({ url, databaseUrl: proxy.url })
  const worker = await startWorkerd({ script, compatibilityFlags, settings, port, inspectorPort })
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const ask = sender({ agent, port, name })
  const time = async (exchange: Exchange) => {
    const startedAt = performance.now()
    try {
      await ask(exchange)
    } catch (error) {
      return forgive(contender, error)
    }
    return performance.now() - startedAt
  }
  const prepare = async (wanted: Case, tries = TRIES): Promise<Exchange | undefined> => {
    people += 1
    try {
      return await contender.prepare(wanted, { person: people, url, send: ask })
    } catch (error) {
      forgive(contender, error)
      if (tries === 1) throw error
      return prepare(wanted, tries - 1)
    }
  }
  const end = async () => {
    agent.destroy()
    await worker.end()
    await proxy.end()
    await database.end()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    name,
    url,
    proxy,
    workerPid: worker.child.process.pid ?? 0,
    databasePid: database.process.pid ?? 0,
    prepare: (wanted) => prepare(wanted),
    time,
    end,
  }
}

function forgive({ name, mayFail }: Contender, error: unknown): undefined {
  if (!mayFail) throw error
  console.log(`left out, since ${name} failed: ${error instanceof Error ? error.message : String(error)}`)
}

function sender(to: { readonly agent: Agent; readonly port: number; readonly name: string }): Send {
  const { agent, port, name } = to
  return ({ method, path, headers, body, expects }) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
      const options = { agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } }
      const request = send(options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = String(Buffer.concat(chunks))
          if (response.statusCode === expects) return resolve({ headers: headersOf(response.rawHeaders), text })
          const answer = `${response.statusCode} ${text.slice(0, 300)}`
          reject(new Error(`${name} answered ${method} ${path} by ${answer}, expected was ${expects}`))
        })
      })
      request.on('error', reject)
      request.end(body)
    })
}

/** One line each, so that several cookies stay several. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers()
  for (let index = 0; index < raw.length; index += 2) headers.append(raw[index] ?? '', raw[index + 1] ?? '')
  return headers
}
