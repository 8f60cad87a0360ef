import { readdir, readFile } from 'node:fs/promises'

/** Milliseconds of CPU that a process has used so far, all its threads together, that have not ended. Linux only. */
export async function cpuMsOf(pid: number): Promise<number> {
  const folder = `/proc/${pid}/task`
  const threads = await readdir(folder)
  const used = await Promise.all(threads.map((thread) => nanoseconds(`${folder}/${thread}/schedstat`)))
  return used.reduce((sum, each) => sum + each, 0) / 1e6
}

/** A thread may end between the listing and the reading. */
async function nanoseconds(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '0')
  return Number(text.split(' ')[0])
}
