import { relative } from 'node:path'
import { buildPackages } from './lib/packages.ts'
import { run } from './lib/process.ts'
import { ROOT } from './lib/tool.ts'

await run(async () => {
  const tarballs = await buildPackages(`${ROOT}dist`)
  for (const path of Object.values(tarballs)) console.log(relative(process.cwd(), path))
})
