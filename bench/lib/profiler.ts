import { CliError } from '../../operator/cli-error.ts'

/** Microseconds between two samples. */
const INTERVAL_US = 100

/** What V8 answers: a tree of calls, and for each sample its innermost call and the microseconds since the one before. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** A sampling profiler of the Worker behind an inspector of workerd. */
export type Profiler = {
  readonly profile: (work: () => Promise<void>) => Promise<CpuProfile>
  readonly end: () => void
}

/** Opens the profiler of the only Worker there. @see the Chrome DevTools Protocol, domain Profiler */
export async function openProfiler(inspectorPort: number): Promise<Profiler> {
  const response = await fetch(`http://127.0.0.1:${inspectorPort}/json`)
  const [target] = (await response.json()) as readonly { readonly webSocketDebuggerUrl: string }[]
  if (target === undefined) throw new CliError('The inspector knows no Worker.')
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  const waiting = new Map<number, (result: unknown) => void>()
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { readonly id: number; readonly result: unknown }
    waiting.get(id)?.(result)
  }
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = () => reject(new CliError('The inspector does not answer.'))
  })

  let calls = 0
  const call = (method: string, params = {}) =>
    new Promise<unknown>((resolve) => {
      calls += 1
      waiting.set(calls, resolve)
      socket.send(JSON.stringify({ id: calls, method, params }))
    })
  await call('Profiler.enable')
  await call('Profiler.setSamplingInterval', { interval: INTERVAL_US })
  return {
    profile: async (work) => {
      await call('Profiler.start')
      await work()
      return ((await call('Profiler.stop')) as { readonly profile: CpuProfile }).profile
    },
    end: () => socket.close(),
  }
}
