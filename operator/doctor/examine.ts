import { type Config, loadConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/store/client.ts'
import { maintenanceStore } from '../../src/store/maintenance.ts'
import { inspectionStore } from '../store/inspection.ts'
import { checkDatabase, checkDatabaseToken, checkMigrations, checkSchema } from './database-checks.ts'
import { checkDeployment } from './deployment-checks.ts'
import type { Finding } from './findings.ts'
import { checkMasterKeys, checkSharedSecrets, checkSigningKeys } from './key-checks.ts'
import { checkClock, checkKeySets, checkReceiver, checkService } from './network-checks.ts'
import { checkCron, checkDeliveries, checkFuture, checkIssuers, checkKeyring, checkSecretsOpen } from './row-checks.ts'
import { checkAddresses, checkConfiguration, checkNames } from './settings-checks.ts'
import type { Target } from './target.ts'
import { checkSizes, checkVariables } from './variable-checks.ts'

/** Counting the rows of a large database takes longer than a request may take. */
const DATABASE_TIMEOUT_MS = 60_000

/** The findings, and the checks that were skipped because of them. */
export type Diagnosis = { readonly findings: readonly Finding[]; readonly skipped: readonly string[] }

/** Runs all checks that the settings allow. Reads, and changes nothing. */
export async function examine(target: Target): Promise<Diagnosis> {
  const { settings, isFile, wrangler } = target
  const config = loadConfig(settings)
  const first = [
    ...checkConfiguration(settings),
    ...checkMasterKeys(settings),
    ...(isFile ? checkNames(settings) : []),
    ...checkSizes(settings),
    ...checkDeployment(wrangler),
    ...checkVariables(wrangler),
  ]
  if (!config.ok) return { findings: first, skipped: ['keys', 'database', 'rows', 'other servers'] }
  const { findings, skipped } = await examineDatabase(config.value, target)
  return { findings: [...first, ...(await examineEnvironment(config.value, target)), ...findings], skipped }
}

async function examineEnvironment(config: Config, { now }: Target): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    checkAddresses(config),
    checkSharedSecrets(config),
    checkSigningKeys(config),
    checkDatabaseToken(config, now()),
    checkKeySets(config),
    checkReceiver(config),
    checkService(config),
    checkClock(config, now),
  ])
  return findings.flat()
}

async function examineDatabase(config: Config, { now }: Target): Promise<Diagnosis> {
  const database = openDatabase({
    url: config.TURSO_DATABASE_URL,
    authToken: config.TURSO_AUTH_TOKEN,
    deadlineAt: Date.now() + DATABASE_TIMEOUT_MS,
  })
  const inspection = inspectionStore(database)
  const unreachable = await checkDatabase(inspection, config)
  if (unreachable.length > 0) return { findings: unreachable, skipped: ['migrations', 'rows'] }
  const stale = [...(await checkMigrations(inspection)), ...(await checkSchema(inspection))]
  if (stale.length > 0) return { findings: stale, skipped: ['rows'] }
  const traces = await inspection.readTraces()
  const findings = await Promise.all([
    checkIssuers(inspection, config),
    checkKeyring(inspection, config),
    checkSecretsOpen(maintenanceStore(database, undefined), config),
    checkFuture(traces, now()),
    checkCron(traces, { config, now: now() }),
    checkDeliveries(traces, config),
  ])
  return { findings: findings.flat(), skipped: [] }
}
