import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from '../../operator/cli-error.ts'

const FORCE_AFTER_MS = 5_000
const POLL_MS = 50

/** A child in a process group of its own, so that a Ctrl-C meant for us does not reach it before we do. */
export type Child = {
  readonly process: ChildProcess
  /** What it printed on stderr, the end of it. */
  readonly lastWords: () => string
  /** Ends the whole group: politely, then by force after five seconds. */
  readonly end: () => Promise<void>
}

const started = new Set<ChildProcess>()

// Whatever ends this process, short of SIGKILL, nothing that it started outlives it.
process.on('exit', () => {
  for (const { pid } of started) if (pid !== undefined) signalGroup(pid, 'SIGKILL')
})

/** Ends everything that was started. */
export async function endChildren(): Promise<void> {
  await Promise.all([...started].map(endGroup))
}

/** Starts a program. `onLine` gets each line that it prints. */
export function startChild(
  command: string,
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; onLine?: (line: string) => void } = {},
): Child {
  const env = { ...process.env, ...options.env }
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  started.add(child)
  let words = ''
  let rest = ''
  const read = (chunk: Buffer) => {
    words = (words + chunk).slice(-4000)
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) options.onLine?.(line)
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  child.on('error', (error) => {
    words += error.message
  })
  return { process: child, lastWords: () => words.trim(), end: () => endGroup(child) }
}

/** Whether a child runs no more. */
export function hasEnded({ process: child }: Child): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  signalGroup(child.pid, 'SIGTERM')
  const deadline = Date.now() + FORCE_AFTER_MS
  while (isGroupAlive(child.pid) && Date.now() < deadline) await sleep(POLL_MS)
  signalGroup(child.pid, 'SIGKILL')
  started.delete(child)
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

function isGroupAlive(pid: number): boolean {
  return signalGroup(pid, 0)
}

/** Asks `isReady` until it says yes; false when the time is over or the child has ended. */
export async function waitUntil(
  isReady: () => Promise<boolean>,
  options: { timeoutMs: number; child?: Child; pollMs?: number | undefined },
): Promise<boolean> {
  const deadline = Date.now() + options.timeoutMs
  while (Date.now() < deadline && !(options.child && hasEnded(options.child))) {
    if (await isReady().catch(() => false)) return true
    await sleep(options.pollMs ?? POLL_MS)
  }
  return false
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await listen(server, 0)
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Whether a port of the loopback interface can be listened on. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = await listen(server, port).then(
    () => true,
    () => false,
  )
  await new Promise((resolve) => server.close(resolve))
  return free
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}

/** Whether the command line has an option that there is not. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

/** Runs a script's `main`; a complaint ends it with one line, anything else with its stack. */
export async function run(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof CliError || isUsageError(error) ? error.message : error)
    process.exitCode = 1
  }
}
