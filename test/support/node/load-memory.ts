import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Megabytes that a process has in memory. */
export async function residentMegabytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(text) ?? []
  return Math.round(Number(kilobytes) / 1_024)
}

/** Looks at a process every so often while some work goes on. */
export async function watchMemory<Value>(
  work: Promise<Value>,
  options: { readonly pid: number | undefined; readonly everyMs: number },
): Promise<{ value: Value; megabytes: readonly number[] }> {
  const megabytes: number[] = []
  let isOver = false
  const over = work.finally(() => {
    isOver = true
  })
  while (!isOver) {
    megabytes.push(await residentMegabytes(options.pid))
    await Promise.race([over, sleep(options.everyMs)])
  }
  return { value: await over, megabytes }
}
