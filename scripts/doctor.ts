import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import { SETTING_NAMES } from '../src/config.ts'
import { type Diagnosis, examine } from './doctor/examine.ts'
import { Complaint, run } from './lib/process.ts'
import type { Settings } from './lib/settings.ts'
import { ROOT } from './lib/tool.ts'

/*
 * Looks at a service before and after a deploy: settings, keys, database, rows, and what is around. It reads, changes
 * nothing, and prints no secret value. Ends with 1 when something must be mended.
 */

const DEV_VARS = '.dev.vars'

await run(async () => {
  const { values } = parseArgs({
    options: {
      'env-file': { type: 'string' },
      json: { type: 'boolean', default: false },
      config: { type: 'string', default: join(ROOT, 'wrangler.toml') },
      env: { type: 'string', default: 'production' },
    },
  })
  const { settings, source, isFile } = findSettings(values['env-file'])
  const wrangler = { config: values.config, env: values.env }
  const diagnosis = await examine({ settings, isFile, wrangler, now: Date.now })
  const errors = diagnosis.findings.filter(({ severity }) => severity === 'error').length
  if (values.json) console.log(JSON.stringify({ source, healthy: errors === 0, ...diagnosis }, null, 2))
  else report(diagnosis, { source, errors })
  if (errors > 0) process.exitCode = 1
})

/** A file, in which the environment is stronger where the file was named; else the environment; else the local file. */
function findSettings(file: string | undefined): { settings: Settings; source: string; isFile: boolean } {
  const present = SETTING_NAMES.filter((name) => process.env[name])
  const environment = Object.fromEntries(present.map((name) => [name, process.env[name] ?? '']))
  if (file === undefined && present.length > 0)
    return { settings: environment, source: 'the environment', isFile: false }
  const path = file ?? join(ROOT, DEV_VARS)
  if (!existsSync(path))
    throw new Complaint(
      file === undefined
        ? 'There is no setting in the environment and no .dev.vars: name a file by --env-file FILE.'
        : `There is no file ${file}.`,
    )
  const added = present.length > 0 ? `, and ${present.join(', ')} of the environment` : ''
  return { settings: { ...readFile(path), ...environment }, source: `${file ?? DEV_VARS}${added}`, isFile: true }
}

function readFile(path: string): Settings {
  const entries = Object.entries(parseEnv(readFileSync(path, 'utf8')))
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}

function report({ findings, skipped }: Diagnosis, options: { source: string; errors: number }): void {
  console.log(`Settings: ${options.source}`)
  for (const { severity, code, found, cause, cure } of findings) {
    console.log(`\n${severity === 'error' ? '✗' : '!'} ${code}: ${found}\n  cause: ${cause}\n  cure:  ${cure}`)
  }
  if (skipped.length > 0) console.log(`\nNot looked at, because of the above: ${skipped.join(', ')}.`)
  const warnings = findings.length - options.errors
  console.log(findings.length === 0 ? 'All is well.' : `\n${options.errors} to mend, ${warnings} to know.`)
}
