import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { examine } from '../operator/doctor/examine.ts'
import { findSettings } from '../operator/doctor/find-settings.ts'
import { countErrors, toJson, toText } from '../operator/doctor/report.ts'
import { run } from './lib/process.ts'
import { ROOT } from './lib/tool.ts'

/*
 * Pre-deployment checks: settings, keys, database, rows, and the servers that the service relies on. The command reads,
 * changes nothing and prints no secret value. It exits with 1 when there is an error.
 */

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
  console.log(values.json ? toJson(diagnosis, source) : toText(diagnosis, source))
  if (countErrors(diagnosis) > 0) process.exitCode = 1
})
