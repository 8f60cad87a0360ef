import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { applyMigrations } from '../operator/migrations.ts'
import { SETTING_NAMES } from '../src/config.ts'
import { type ClaimedFolder, claimFolder } from './lib/folder.ts'
import { localIssuers, withSecondIssuer } from './lib/issuers.ts'
import { type Child, endChildren, freePort, hasEnded, isPortFree, run } from './lib/process.ts'
import { DEFAULT_PORT, localSettings, type Settings } from './lib/settings.ts'
import { startSqld } from './lib/sqld.ts'
import { signAccessToken } from './lib/token.ts'
import { startWorker } from './lib/wrangler.ts'

/*
 * The whole service on this machine: a libSQL server on a folder, its migrations, and the Worker under wrangler dev.
 * It ends with one Ctrl-C or SIGTERM, and everything it started with it.
 */

const READY_TOKEN_SECONDS = 3_600
let ending = false
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

await run(async () => {
  const options = parseOptions()
  await assertPortFree(options.port)
  const folder = claimFolder(options.data)
  process.once('exit', folder.release)
  for (const signal of ENDING_SIGNALS) process.on(signal, () => end(0))
  // Whoever read what this prints has gone.
  process.stdout.on('error', () => end(0))
  for (const child of await start(folder, options)) {
    if (hasEnded(child)) endedByItself(child)
    child.process.once('exit', () => endedByItself(child))
  }
}).finally(() => {
  if (process.exitCode) end(1)
})

function endedByItself(child: Child): void {
  if (ending) return
  console.error(`A part of the service ended by itself: ${child.lastWords().split('\n').at(-1)}`)
  end(1)
}

/** Ends everything that was started, once, however often it is asked to. */
function end(code: number): void {
  if (ending) return
  ending = true
  void endChildren().then(() => process.exit(code))
}

type Options = ReturnType<typeof parseOptions>

function parseOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: String(DEFAULT_PORT) },
      'db-port': { type: 'string' },
      data: { type: 'string', default: '.data' },
      'database-url': { type: 'string' },
      'second-issuer': { type: 'boolean', default: false },
      var: { type: 'string', multiple: true, default: [] },
    },
  })
  return {
    port: toPort(values.port),
    databasePort: values['db-port'] === undefined ? undefined : toPort(values['db-port']),
    data: values.data,
    databaseUrl: values['database-url'],
    hasSecondIssuer: values['second-issuer'],
    overrides: Object.fromEntries(values.var.map(toOverride)),
  }
}

function toPort(value: string): number {
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new CliError(`${value} is no port: give a number from 1 to 65535.`)
  return port
}

function toOverride(assignment: string): [string, string] {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(assignment) ?? []
  if (!SETTING_NAMES.some((known) => known === name))
    throw new CliError(`--var ${name || assignment}: write NAME=VALUE with the name of a setting.`)
  return [name, value]
}

async function assertPortFree(port: number): Promise<void> {
  if (!(await isPortFree(port)))
    throw new CliError(
      `Port ${port} is in use. Choose another one: npm run dev -- --port ${port + 1} --data .data-${port + 1}`,
    )
}

async function start(folder: ClaimedFolder, options: Options): Promise<readonly Child[]> {
  const fromFile = await localSettings()
  const database = options.databaseUrl === undefined ? await startDatabase(folder, options) : undefined
  const databaseUrl = options.databaseUrl ?? database?.url ?? ''
  const overrides = {
    PUBLIC_URL: publicUrl(fromFile, options.port),
    TURSO_DATABASE_URL: databaseUrl,
    PAGE_ENABLED: fromFile['PAGE_ENABLED'] ?? 'true',
    ...(options.hasSecondIssuer && withSecondIssuer(fromFile)),
    ...options.overrides,
  }
  const settings: Settings = { ...fromFile, ...overrides }
  await applyMigrations({ url: databaseUrl, authToken: settings['TURSO_AUTH_TOKEN'] })
  const onLog = (line: string) => console.log(line)
  const worker = await startWorker({ port: options.port, folder: folder.path, settings: overrides, onLog })
  await greet(`http://127.0.0.1:${options.port}`, settings)
  return database ? [database.child, worker] : [worker]
}

async function startDatabase(folder: ClaimedFolder, options: Options): Promise<{ url: string; child: Child }> {
  const port = options.databasePort ?? (await freePort())
  await assertPortFree(port)
  const database = await startSqld({ folder: join(folder.path, 'database'), port })
  folder.note(database.child.process.pid)
  return database
}

/** A public URL on loopback follows the port; any other one, such as a tunnel's, was set on purpose. */
function publicUrl(settings: Settings, port: number): string {
  const configured = settings['PUBLIC_URL'] ?? ''
  return configured === '' || /^http:\/\/(127\.|localhost)/.test(configured) ? `http://127.0.0.1:${port}` : configured
}

async function greet(url: string, settings: Settings): Promise<void> {
  console.log(`\nEdge MFA listens on ${url} (Ctrl-C ends it)`)
  if (settings['PAGE_ENABLED'] === 'true') console.log(`See it work there; the reference is at ${url}/docs`)
  console.log(
    `Its database, for npm run outbox, keys and compromise: TURSO_DATABASE_URL=${settings['TURSO_DATABASE_URL']}`,
  )
  const [first, ...others] = localIssuers(settings)
  if (!first) return
  const token = await signReadyToken(settings, first.issuer)
  console.log(`\nAn access token for alice, good for an hour:\n\n${token}\n`)
  console.log(
    `Begin an enrollment with it:\n\ncurl -X POST ${url}/api/user/profile/mfa/setup -H 'Authorization: Bearer ${token}'\n`,
  )
  for (const { issuer } of others)
    console.log(`The same from ${issuer}, where alice is another user:\n\n${await signReadyToken(settings, issuer)}\n`)
}

function signReadyToken(settings: Settings, issuer: string): Promise<string> {
  return signAccessToken(settings, { sub: 'alice', issuer, expiresInSeconds: READY_TOKEN_SECONDS })
}
