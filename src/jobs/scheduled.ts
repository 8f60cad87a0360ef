import { Problem } from '../core/problems.ts'
import type { Services } from '../services.ts'
import { cleanUp } from './clean-up.ts'
import { deliverOutbox } from './deliver-outbox.ts'
import { measureOutbox } from './measure-outbox.ts'
import { resealSecrets, voidBackupCodes } from './rotate-keys.ts'

const JOBS = { deliverOutbox, measureOutbox, cleanUp, resealSecrets, voidBackupCodes } as const

/** Runs every scheduled job and logs one line for each. A job that fails does not stop the others. */
export async function runJobs(services: () => Services): Promise<void> {
  for (const [job, work] of Object.entries(JOBS)) await runJob(services(), { job, work })
}

async function runJob(
  services: Services,
  { job, work }: { job: string; work: (services: Services) => Promise<unknown> },
): Promise<void> {
  const startedAt = services.now()
  const outcome = await work(services).then(
    (result) => ({ level: 'info', result, cause: undefined }),
    (error: unknown) => ({ level: 'error', result: undefined, cause: describe(error) }),
  )
  const now = services.now()
  const durationMs = now - startedAt
  const databaseRoundTrips = services.roundTrips()
  services.log({ time: new Date(now).toISOString(), job, durationMs, databaseRoundTrips, ...outcome })
  const values = [durationMs, databaseRoundTrips, ...numbersOf(outcome.result)]
  services.measure({ index: job, labels: [job, outcome.level], values })
}

function describe(error: unknown): string {
  if (error instanceof Problem) return error.options.reason ?? error.code
  return error instanceof Error ? `${error.name}: ${error.message}` : typeof error
}

/** Returns the numbers in the result of a job, in the order of its members. */
function numbersOf(result: unknown): readonly number[] {
  const values = typeof result === 'object' && result !== null ? Object.values(result) : [result]
  return values.filter((value) => typeof value === 'number')
}
