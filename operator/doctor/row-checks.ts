import { type Config, isLocal } from '../../src/config.ts'
import { openSecret } from '../../src/core/authenticator.ts'
import { createKeyring } from '../../src/core/keyring.ts'
import type { maintenanceStore } from '../../src/store/maintenance.ts'
import type { inspectionStore, Traces } from '../store/inspection.ts'
import { type Finding, finding } from './findings.ts'

/** How many secrets are opened for each key. */
const SAMPLE = 50
/** The cron runs every minute, so work that is overdue by more than this was not done. */
const OVERDUE_MS = 600_000
/** The tolerated difference between two clocks. */
const LEEWAY_MS = 60_000

type Inspection = ReturnType<typeof inspectionStore>

/** Returns a finding for each issuer in the database under which no configured issuer keeps its subjects. */
export async function checkIssuers(inspection: Inspection, { issuers }: Config): Promise<readonly Finding[]> {
  const reachable = new Set(issuers.map(({ subjectIssuer }) => subjectIssuer))
  const unreachable = (await inspection.countIssuers()).filter(({ issuer }) => !reachable.has(issuer))
  return unreachable.map(({ issuer, subjects, enabled }) =>
    finding(
      enabled > 0 ? 'issuer-changed' : 'issuer-foreign',
      `${subjects} subjects under ${issuer} are reachable by no entry; ${enabled} of them have MFA on`,
    ),
  )
}

/** Returns a finding for each key that rows need and the keyring does not have. */
export async function checkKeyring(inspection: Inspection, config: Config): Promise<readonly Finding[]> {
  const ring = config.MFA_KEYS.map(({ id }) => id)
  const missing = (await inspection.countKeys()).filter(({ keyId }) => !ring.includes(keyId))
  return missing.flatMap(({ keyId, secrets, backupCodes }) => [
    ...(secrets > 0 ? [finding('key-missing', `${keyId}: ${secrets} secrets`)] : []),
    ...(backupCodes > 0 ? [finding('backup-code-key-missing', `${keyId}: ${backupCodes} backup codes`)] : []),
  ])
}

/** Checks that each key of the keyring opens secrets that are sealed under its ID. */
export async function checkSecretsOpen(
  jobs: ReturnType<typeof maintenanceStore>,
  config: Config,
): Promise<readonly Finding[]> {
  const keyring = createKeyring(config.MFA_KEYS)
  const findings: Finding[] = []
  for (const { id } of config.MFA_KEYS) {
    const sample = await jobs.readOldSecrets({ oldKeyId: id, after: 0, limit: SAMPLE })
    const opened = await Promise.all(sample.map(({ sealed, identity }) => openSecret(sealed, { identity, keyring })))
    const unopened = opened.filter((secret) => secret === undefined).length
    if (unopened > 0) findings.push(finding('secrets-shut', `${id}: ${unopened} of ${sample.length} tried`))
  }
  return findings
}

/** Returns a finding for each timestamp in the future. */
export function checkFuture(traces: Traces, now: number): readonly Finding[] {
  const moments = { 'the newest event': traces.newestEvent, 'the newest accepted code': traces.newestStepAt }
  return Object.entries(moments).flatMap(([what, at]) =>
    at !== null && at > now + LEEWAY_MS ? [finding('rows-from-the-future', `${what} is from ${iso(at)}`)] : [],
  )
}

/** Checks that the work of the cron is not overdue. */
export function checkCron(traces: Traces, options: { config: Config; now: number }): readonly Finding[] {
  const { config, now } = options
  const delivers = config.WEBHOOK_URL !== undefined && traces.pausedAt === null
  const due = {
    'a webhook': delivers ? traces.nextDelivery : null,
    'an expired pending secret': traces.oldestPending,
    'an expired response of verify': traces.oldestRepeat,
  }
  const code = isLocal(config) ? 'cron-local' : 'cron-stopped'
  return Object.entries(due).flatMap(([what, at]) =>
    at !== null && at < now - OVERDUE_MS ? [finding(code, `${what} has been due since ${iso(at)}`)] : [],
  )
}

/** Returns a finding for webhooks that will not be delivered. */
export function checkDeliveries(traces: Traces, config: Config): readonly Finding[] {
  const { waiting, givenUp, pausedAt } = traces
  if (config.WEBHOOK_URL === undefined) return waiting > 0 ? [finding('deliveries-orphaned', `${waiting} waiting`)] : []
  return [
    ...(pausedAt === null ? [] : [finding('deliveries-paused', `since ${iso(pausedAt)}, ${waiting} waiting`)]),
    ...(givenUp > 0 ? [finding('deliveries-given-up', `${givenUp} given up`)] : []),
  ]
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
