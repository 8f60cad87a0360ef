import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyMigrations } from '../../operator/migrations.ts'
import { type Child, freePort } from './process.ts'
import { localSettings, type Settings } from './settings.ts'
import { startSqld } from './sqld.ts'
import { buildWorker, startWorkerd, type Workerd } from './workerd.ts'

/** The Worker of a deploy in the bare runtime beside a database of its own: nothing of a development server around it. */
export type BareService = {
  readonly url: string
  readonly settings: Settings
  readonly databaseUrl: string
  readonly database: Child
  readonly worker: Workerd
  readonly end: () => Promise<void>
}

/**
 * Starts both on free ports and a fresh folder. `overrides` are settings stronger than the local ones; where they name
 * another `TURSO_DATABASE_URL`, a proxy say, `through` makes it from the address of the database.
 */
export async function startBareService(
  options: {
    readonly overrides?: Settings
    readonly through?: (databaseUrl: string) => Promise<string>
    /** The Worker, if it was built already. */
    readonly script?: string
    /** Of the JavaScript engine that runs the Worker. */
    readonly v8Flags?: readonly string[]
    /** Gets each line of the Worker's log. */
    readonly onLine?: (line: string) => void
  } = {},
): Promise<BareService> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-bare-'))
  const script = options.script ?? (await buildWorker())
  const { url: databaseUrl, child: database } = await startSqld({ folder, port: await freePort() })
  const port = await freePort()
  await applyMigrations({ url: databaseUrl })
  const settings = {
    ...(await localSettings()),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    TURSO_DATABASE_URL: (await options.through?.(databaseUrl)) ?? databaseUrl,
    ...options.overrides,
  }
  const worker = await startWorkerd({ script, settings, port, v8Flags: options.v8Flags, onLine: options.onLine })
  const end = async () => {
    await worker.end()
    await database.end()
    await rm(folder, { recursive: true, force: true })
  }
  return { url: worker.url, settings, databaseUrl, database, worker, end }
}
