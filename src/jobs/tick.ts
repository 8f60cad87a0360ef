import type { Services } from '../services.ts'
import { cleanUp } from './clean-up.ts'
import { deliverOutbox } from './deliver-outbox.ts'
import { resealSecrets, voidBackupCodes } from './rotate-keys.ts'

const JOBS = { deliverOutbox, cleanUp, resealSecrets, voidBackupCodes } as const

/** What one tick of the cron does: every job, bounded, each with a line in the log; one that fails stops no other. */
export async function tick(services: () => Services): Promise<void> {
  for (const [job, work] of Object.entries(JOBS)) await runJob(services(), { job, work })
}

async function runJob(
  services: Services,
  { job, work }: { job: string; work: (services: Services) => Promise<unknown> },
): Promise<void> {
  const startedAt = services.now()
  const outcome = await work(services).then(
    (result) => ({ level: 'info', result }),
    (error: unknown) => ({
      level: 'error',
      cause: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown',
    }),
  )
  const now = services.now()
  const line = {
    time: new Date(now).toISOString(),
    job,
    durationMs: now - startedAt,
    databaseRoundTrips: services.roundTrips(),
  }
  services.log({ ...line, ...outcome })
}
