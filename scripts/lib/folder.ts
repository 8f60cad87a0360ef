import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'

/** What the command lines of a running service's processes contain. */
const OURS = /dev\.ts|sqld/

/** A folder that one running service has to itself: two servers on one database would ruin it. */
export type ClaimedFolder = {
  readonly path: string
  /** Notes a process that must have ended before anybody else may have the folder. */
  readonly note: (pid: number | undefined) => void
  readonly release: () => void
}

/** Claims a folder, which is made if need be. Complains while a process of another service lives on it. */
export function claimFolder(data: string): ClaimedFolder {
  const path = resolve(data)
  const file = join(path, 'pids')
  mkdirSync(path, { recursive: true })
  const owner = readPids(file).find(isRunning)
  if (owner !== undefined) {
    throw new CliError(
      `The folder ${data} is in use by process ${owner}. Choose another one: npm run dev -- --data .data-2`,
    )
  }
  rmSync(file, { force: true })
  claim(file, data)
  return {
    path,
    note: (pid) => writeFileSync(file, `${pid}\n`, { flag: 'a' }),
    release: () => rmSync(file, { force: true }),
  }
}

/** Two services that start at once both find the file missing, but only one of them can make it. */
function claim(file: string, data: string): void {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' })
  } catch {
    throw new CliError(`Another service has just begun to use the folder ${data}.`)
  }
}

function readPids(file: string): readonly number[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 0)
  } catch {
    return []
  }
}

/** Whether a process is one of ours and still runs; its number may belong to somebody else by now. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return OURS.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  } catch {
    return true
  }
}
