import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generatedFiles } from './docs/files.ts'
import { run } from './lib/process.ts'
import { ROOT } from './lib/tool.ts'

await run(async () => {
  const files = Object.entries(await generatedFiles())
  for (const [path, content] of files) {
    await mkdir(dirname(join(ROOT, path)), { recursive: true })
    await writeFile(join(ROOT, path), content)
  }
  console.log(`${files.length} files are written.`)
})
