import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { elementFiles, integrityOf, staleElementFiles } from './lib/elements.ts'
import { run } from './lib/process.ts'
import { ROOT } from './lib/tool.ts'

await run(async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
  if (values.check) await check()
  else await build()
})

async function build(): Promise<void> {
  const files = await elementFiles()
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true })
    await writeFile(join(ROOT, path), content)
    console.log(path)
  }
  console.log(`integrity of the elements: ${integrityOf(files)}`)
}

async function check(): Promise<void> {
  const stale = await staleElementFiles()
  if (stale.length > 0) throw new CliError(`Stale, run npm run build:elements: ${stale.join(', ')}`)
  console.log('The elements and the page are up to date.')
}
