import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SETTING_NAMES } from '../src/config.ts'
import { applyMigrations } from './lib/migrations.ts'
import { type Child, Complaint, freePort, hasEnded, isPortFree, run } from './lib/process.ts'
import { DEFAULT_PORT, localSettings, type Settings } from './lib/settings.ts'
import { answers, startSqld } from './lib/sqld.ts'
import { signAccessToken } from './lib/token.ts'
import { startWorker } from './lib/wrangler.ts'

/*
 * The whole service on this machine: a libSQL server on a folder, its migrations, and the Worker under wrangler dev.
 * It ends with one Ctrl-C or SIGTERM, and everything it started with it.
 */

const READY_TOKEN_SECONDS = 3_600
const children: Child[] = []

await run(async () => {
  const options = parseOptions()
  await assertPortFree(options.port)
  const folder = claimFolder(options.data)
  const end = (code: number) => void endAll(folder).then(() => process.exit(code))
  process.once('SIGINT', () => end(0))
  process.once('SIGTERM', () => end(0))
  try {
    await start(folder, options)
  } catch (error) {
    await endAll(folder)
    throw error
  }
  for (const child of children) {
    child.process.once('exit', () => {
      console.error(`A part of the service ended by itself: ${child.lastWords().split('\n').at(-1)}`)
      end(1)
    })
  }
})

type Options = ReturnType<typeof parseOptions>

function parseOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      'db-port': { type: 'string' },
      data: { type: 'string', default: '.data' },
      'database-url': { type: 'string' },
      var: { type: 'string', multiple: true, default: [] },
    },
  })
  return {
    port: toPort(values.port),
    databasePort: values['db-port'] === undefined ? undefined : toPort(values['db-port']),
    data: values.data,
    databaseUrl: values['database-url'],
    overrides: Object.fromEntries(values.var.map(toOverride)),
  }
}

function toPort(value: string): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Complaint(`${value} is no port: give a number from 1 to 65535.`)
  return port
}

function toOverride(assignment: string): [string, string] {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(assignment) ?? []
  if (!SETTING_NAMES.some((known) => known === name))
    throw new Complaint(`--var ${name || assignment}: write NAME=VALUE with the name of a setting.`)
  return [name, value]
}

async function assertPortFree(port: number): Promise<void> {
  if (!(await isPortFree(port)))
    throw new Complaint(
      `Port ${port} is in use. Choose another one: npm run dev -- --port ${port + 1} --data .data-${port + 1}`,
    )
}

/** A folder belongs to one running service: two servers on one database would ruin it. */
function claimFolder(data: string): string {
  const folder = resolve(data)
  mkdirSync(folder, { recursive: true })
  const owner = ownerOf(folder)
  if (owner !== undefined)
    throw new Complaint(
      `The folder ${data} is in use by process ${owner}. Choose another one: npm run dev -- --data .data-2`,
    )
  writeFileSync(join(folder, 'pid'), String(process.pid))
  return folder
}

function ownerOf(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    process.kill(pid, 0)
    return pid
  } catch {
    return undefined
  }
}

async function start(folder: string, options: Options): Promise<void> {
  const fromFile = await localSettings()
  const databaseUrl = options.databaseUrl ?? (await startDatabase(folder, options))
  const overrides: Settings = {
    PUBLIC_URL: publicUrl(fromFile, options.port),
    TURSO_DATABASE_URL: databaseUrl,
    ...options.overrides,
  }
  const settings = { ...fromFile, ...overrides }
  if (!(await answers(databaseUrl).catch(() => false)))
    throw new Complaint(`The database at ${databaseUrl} does not answer.`)
  await applyMigrations({ url: databaseUrl, authToken: settings['TURSO_AUTH_TOKEN'] })
  children.push(
    await startWorker({ port: options.port, folder, settings: overrides, onLog: (line) => console.log(line) }),
  )
  await greet(`http://127.0.0.1:${options.port}`, settings)
  console.log(`The database, for npm run outbox, keys -- status and compromise: TURSO_DATABASE_URL=${databaseUrl}\n`)
}

async function startDatabase(folder: string, options: Options): Promise<string> {
  const port = options.databasePort ?? (await freePort())
  await assertPortFree(port)
  const { url, child } = await startSqld({ folder: join(folder, 'database'), port })
  children.push(child)
  return url
}

/** A public URL on loopback follows the port; any other one, such as a tunnel's, was set on purpose. */
function publicUrl(settings: Settings, port: number): string {
  const configured = settings['PUBLIC_URL'] ?? ''
  return configured === '' || /^http:\/\/(127\.|localhost)/.test(configured) ? `http://127.0.0.1:${port}` : configured
}

async function greet(url: string, settings: Settings): Promise<void> {
  console.log(`\nEdge MFA listens on ${url} (Ctrl-C ends it)`)
  if (!settings['AUTH_HS256_SECRET']) return
  const token = await signAccessToken(settings, { sub: 'alice', expiresInSeconds: READY_TOKEN_SECONDS })
  console.log(`\nAn access token for alice, good for an hour:\n\n${token}\n`)
  console.log(
    `Begin an enrollment with it:\n\ncurl -X POST ${url}/api/user/profile/mfa/setup -H 'Authorization: Bearer ${token}'\n`,
  )
}

async function endAll(folder: string): Promise<void> {
  for (const child of children) child.process.removeAllListeners('exit')
  await Promise.all(children.filter((child) => !hasEnded(child)).map((child) => child.end()))
  rmSync(join(folder, 'pid'), { force: true })
}
