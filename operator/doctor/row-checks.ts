import { type Config, isLocal } from '../../src/config.ts'
import { openSecret } from '../../src/core/authenticator.ts'
import { createKeyring } from '../../src/core/keyring.ts'
import type { maintenanceStore } from '../../src/store/maintenance.ts'
import type { inspectionStore, Traces } from '../store/inspection.ts'
import { type Finding, finding } from './findings.ts'

/** Secrets that are opened for each key, from the oldest on. */
const SAMPLE = 50
/** How long something may be due before the cron, which runs every minute, has evidently not run. */
const OVERDUE_MS = 600_000
/** How far two clocks may be apart unnoticed. */
const LEEWAY_MS = 60_000

type Inspection = ReturnType<typeof inspectionStore>

/** Subjects that no access token reaches: they are stored under an issuer that no entry keeps its subjects under. */
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

/** Secrets and backup codes under keys that the ring lacks. */
export async function checkRingIsWhole(inspection: Inspection, config: Config): Promise<readonly Finding[]> {
  const ring = config.MFA_KEYS.map(({ id }) => id)
  const missing = (await inspection.countKeys()).filter(({ keyId }) => !ring.includes(keyId))
  return missing.flatMap(({ keyId, secrets, backupCodes }) => [
    ...(secrets > 0 ? [finding('key-missing', `${keyId}: ${secrets} secrets`)] : []),
    ...(backupCodes > 0 ? [finding('backup-code-key-missing', `${keyId}: ${backupCodes} backup codes`)] : []),
  ])
}

/** Whether each key of the ring opens what is under its id; of many secrets the first ones are tried. */
export async function checkSecretsOpen(
  jobs: ReturnType<typeof maintenanceStore>,
  config: Config,
): Promise<readonly Finding[]> {
  const keyring = createKeyring(config.MFA_KEYS)
  const findings: Finding[] = []
  for (const { id } of config.MFA_KEYS) {
    const sample = await jobs.readOldSecrets({ oldKeyId: id, after: 0, limit: SAMPLE })
    const opened = await Promise.all(sample.map(({ sealed, identity }) => openSecret(sealed, { identity, keyring })))
    const shut = opened.filter((secret) => secret === undefined).length
    if (shut > 0) findings.push(finding('secrets-shut', `${id}: ${shut} of ${sample.length} tried`))
  }
  return findings
}

/** Rows that a clock ahead of this one left. */
export function checkFuture(traces: Traces, now: number): readonly Finding[] {
  const moments = { 'the newest event': traces.newestEvent, 'the newest code accepted': traces.newestStepAt }
  return Object.entries(moments).flatMap(([what, at]) =>
    at !== null && at > now + LEEWAY_MS ? [finding('rows-from-the-future', `${what} is of ${iso(at)}`)] : [],
  )
}

/** Whether the cron evidently runs: what it takes away every minute is not long overdue. */
export function checkCron(traces: Traces, options: { config: Config; now: number }): readonly Finding[] {
  const { config, now } = options
  const delivers = config.WEBHOOK_URL !== undefined && traces.pausedAt === null
  const due = {
    'a webhook': delivers ? traces.nextDelivery : null,
    'an expired pending secret': traces.oldestPending,
    'an expired answer of verify': traces.oldestRepeat,
  }
  const code = isLocal(config) ? 'cron-local' : 'cron-stopped'
  return Object.entries(due).flatMap(([what, at]) =>
    at !== null && at < now - OVERDUE_MS ? [finding(code, `${what} is due since ${iso(at)}`)] : [],
  )
}

/** Webhooks that will not be delivered as things are. */
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
