/*
 * Stands around the Worker of a deploy, inside the runtime: the bare runtime has no cron, so a request does what a tick
 * would, and is told what each job did.
 */

/** Where a tick is asked for. */
export const TICK_PATH = '/tick'

/** What one job of a tick did. */
export type JobReport = {
  readonly job: string
  readonly level: string
  /** Why it failed; absent when it did not. */
  readonly cause?: string | undefined
  readonly durationMs: number
  readonly databaseRoundTrips: number
  /** Rows that the database looked at, those of indexes too. */
  readonly rowsRead: number
  readonly rowsWritten: number
}

type Handlers = {
  readonly fetch: (request: Request, env: unknown, context: unknown) => Promise<Response>
  readonly scheduled: (controller: unknown, env: unknown, context: unknown) => Promise<void>
}
type Rows = { readonly rowsRead: number; readonly rowsWritten: number }
type StepResult = { readonly rows_read?: number; readonly rows_written?: number } | null
type Answer = {
  readonly results: readonly { readonly response?: { readonly result?: { readonly step_results?: StepResult[] } } }[]
}

/** The Worker, which also answers {@link TICK_PATH} by a tick. */
export function withTicks(worker: Handlers): Pick<Handlers, 'fetch'> {
  return {
    fetch: async (request, env, context) => {
      if (new URL(request.url).pathname !== TICK_PATH) return worker.fetch(request, env, context)
      return Response.json(await listen(() => worker.scheduled({}, env, context)))
    },
  }
}

/** Reads along what a tick logs and what the database answers it, and leaves both as they were. */
async function listen(tick: () => Promise<void>): Promise<readonly JobReport[]> {
  const { log } = console
  const ask = globalThis.fetch
  const jobs: JobReport[] = []
  let rows: Rows = { rowsRead: 0, rowsWritten: 0 }
  globalThis.fetch = async (...call) => {
    const response = await ask(...call)
    rows = add(rows, (await response.clone().json()) as Answer)
    return response
  }
  console.log = (line: string) => {
    const said = JSON.parse(line) as JobReport | { readonly job?: undefined }
    if (said.job === undefined) return
    jobs.push({ ...said, ...rows })
    rows = { rowsRead: 0, rowsWritten: 0 }
  }
  try {
    await tick()
    return jobs
  } finally {
    globalThis.fetch = ask
    console.log = log
  }
}

function add(rows: Rows, answer: Answer): Rows {
  const steps = answer.results.flatMap(({ response }) => response?.result?.step_results ?? [])
  const sum = (of: 'rows_read' | 'rows_written') => steps.reduce((total, step) => total + (step?.[of] ?? 0), 0)
  return { rowsRead: rows.rowsRead + sum('rows_read'), rowsWritten: rows.rowsWritten + sum('rows_written') }
}
