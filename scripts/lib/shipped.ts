import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CliError } from '../../operator/cli-error.ts'
import { BUILD_RECORD, withBundle } from './bundle.ts'
import { type LockedPackage, type Lockfile, packageName } from './lockfile.ts'
import { ROOT } from './tool.ts'

/** A package of which the Worker carries something; `bytes` is how much, minified. */
export type ShippedPackage = { readonly name: string; readonly bytes: number; readonly locked: LockedPackage }

type BuildRecord = {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >
}

/** The packages in the Worker as a deploy would upload it, by name. */
export async function shippedPackages(): Promise<readonly ShippedPackage[]> {
  const { packages = {} }: Lockfile = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  const found = Object.entries(bytesByPath(await buildRecord())).map(([path, bytes]) => {
    const locked = packages[path]
    if (locked === undefined) throw new CliError(`The Worker holds something of ${path}, which is not locked.`)
    return { name: packageName(path), bytes, locked }
  })
  return found.sort((one, other) => (one.name < other.name ? -1 : 1))
}

async function buildRecord(): Promise<BuildRecord> {
  return withBundle('', async ({ folder, code, output }) => {
    if (code !== 0) throw new CliError(`wrangler deploy --dry-run failed:\n${output}`)
    return JSON.parse(await readFile(join(folder, BUILD_RECORD), 'utf8'))
  })
}

/** The bytes of each package's folder; a file that gave none is not in the Worker. */
function bytesByPath({ outputs }: BuildRecord): Readonly<Record<string, number>> {
  const bytes: Record<string, number> = {}
  for (const { inputs } of Object.values(outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const path = packagePath(file)
      if (path !== undefined && bytesInOutput > 0) bytes[path] = (bytes[path] ?? 0) + bytesInOutput
    }
  }
  return bytes
}

/** The folder of the package that a file belongs to, as the lockfile names it. */
function packagePath(file: string): string | undefined {
  return /^.*?(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
}
