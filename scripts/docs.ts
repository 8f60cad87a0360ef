import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { generatedFiles } from './docs/files.ts'
import { takeScreenshots } from './docs/screenshots.ts'
import { run } from './lib/process.ts'
import { ROOT } from './lib/tool.ts'

/* Writes everything in docs/, public/ and the README that is generated; with --screenshots, the screenshots too. */

await run(async () => {
  const { values } = parseArgs({ options: { screenshots: { type: 'boolean', default: false } } })
  if (values.screenshots) await takeScreenshots()
  const files = Object.entries(await generatedFiles())
  for (const [path, content] of files) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true })
    await writeFile(join(ROOT, path), content)
  }
  console.log(`${files.length} files written.`)
})
