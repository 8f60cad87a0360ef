import { readFile } from 'node:fs/promises'

/** Has the engine collect everything each time it collects, and say so: what is left then is what is held. */
export const TELLING_COLLECTOR = ['--gc-global', '--trace-gc']

/** What was in memory at a moment, in megabytes. */
export type Sample = { readonly at: number; readonly megabytes: number }

/** Takes down what the objects that the Worker still holds come to, after each collection. */
export function heldObjects(): { readonly onLine: (line: string) => void; readonly samples: readonly Sample[] } {
  const samples: Sample[] = []
  const onLine = (line: string) => {
    const [, left] = /Mark-Compact .* -> ([0-9.]+) \(/.exec(line) ?? []
    if (left !== undefined) samples.push({ at: performance.now(), megabytes: Number(left) })
  }
  return { onLine, samples }
}

/** Looks every so often at what a process has in memory, until it is ended. */
export function watchProcess(pid: number | undefined, everyMs: number) {
  const samples: Sample[] = []
  const timer = setInterval(() => {
    residentMegabytes(pid).then(
      (megabytes) => samples.push({ at: performance.now(), megabytes }),
      () => undefined,
    )
  }, everyMs)
  return { samples, end: () => clearInterval(timer) }
}

/** The samples between two moments. */
export function between(samples: readonly Sample[], from: number, to: number): readonly number[] {
  return samples.filter(({ at }) => at >= from && at < to).map(({ megabytes }) => megabytes)
}

/** Megabytes that a process has in memory. */
export async function residentMegabytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(text) ?? []
  return Math.round(Number(kilobytes) / 1_024)
}
