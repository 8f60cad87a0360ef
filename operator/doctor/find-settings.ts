import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { SETTING_NAMES } from '../../src/config.ts'
import { CliError } from '../cli-error.ts'
import type { Settings } from './target.ts'

const DEV_VARS = '.dev.vars'

/** Settings, with a description of where they come from. */
export type FoundSettings = { readonly settings: Settings; readonly source: string; readonly isFile: boolean }

/**
 * Reads the settings to examine: those of `file`, overridden by the environment; without `file`, those of the environment
 * alone; without either, those of `.dev.vars`. Throws a {@link CliError} when there is no such file.
 */
export function findSettings(file: string | undefined): FoundSettings {
  const present = SETTING_NAMES.filter((name) => process.env[name])
  const environment = Object.fromEntries(present.map((name) => [name, process.env[name] ?? '']))
  if (file === undefined && present.length > 0)
    return { settings: environment, source: 'the environment', isFile: false }
  const path = file ?? DEV_VARS
  if (!existsSync(path))
    throw new CliError(
      file === undefined
        ? 'The environment has no settings and there is no .dev.vars: name a file with --env-file FILE.'
        : `There is no file ${file}.`,
    )
  const overrides = present.length > 0 ? `, overridden by ${present.join(', ')} of the environment` : ''
  return { settings: { ...readFile(path), ...environment }, source: `${path}${overrides}`, isFile: true }
}

function readFile(path: string): Settings {
  const entries = Object.entries(parseEnv(readFileSync(path, 'utf8')))
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}
