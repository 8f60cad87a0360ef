import { type Config, isLocal, loadConfig, SETTING_NAMES } from '../../src/config.ts'
import { isLoopback } from '../../src/config-values.ts'
import { type Finding, finding } from './findings.ts'
import type { Settings } from './target.ts'

/** Returns a finding for each setting that is missing or malformed. */
export function checkConfiguration(settings: Settings): readonly Finding[] {
  const config = loadConfig(settings)
  if (config.ok) return []
  const unset = !settings['TURSO_DATABASE_URL'] && isLoopback(settings['PUBLIC_URL'])
  const errors = unset ? config.failure.filter(({ name }) => !name.startsWith('TURSO_')) : config.failure
  return [
    ...errors.map(({ name, message }) => finding('setting-faulty', `${name}: ${message}`)),
    ...(unset ? [finding('database-unnamed', 'TURSO_DATABASE_URL')] : []),
  ]
}

/** Returns a finding for each name that is not a setting. */
export function checkNames(settings: Settings): readonly Finding[] {
  const known: readonly string[] = SETTING_NAMES
  return Object.keys(settings)
    .filter((name) => !known.includes(name))
    .map((name) => finding('setting-unknown', name))
}

/** Returns a finding for each value that only fits a local service. */
export function checkAddresses(config: Config): readonly Finding[] {
  if (isLocal(config)) return []
  const keySets = config.issuers.flatMap(({ iss, keys }) =>
    keys.kind === 'remote' ? [[`the key set of ${iss}`, keys.url.href] as const] : [],
  )
  const addresses = [
    ['TURSO_DATABASE_URL', config.TURSO_DATABASE_URL] as const,
    ...keySets,
    ['WEBHOOK_URL', config.WEBHOOK_URL?.href] as const,
  ]
  const local = addresses.filter(([, address]) => isLoopback(address))
  const page = config.PAGE_ENABLED ? [finding('page-public', 'PAGE_ENABLED')] : []
  return [...local.map(([name]) => finding('address-local', name)), ...page]
}
