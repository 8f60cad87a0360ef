import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { npm } from '../../../scripts/lib/packages.ts'
import { ROOT } from '../../../scripts/lib/tool.ts'

const run = promisify(execFile)
const SCRIPTS = join(ROOT, 'test', 'integration', 'installed')

/** A folder with nothing but the packages that were installed into it from tarballs, without the network. */
export type Installed = {
  readonly folder: string
  /** Runs a script of `test/integration/installed` there, with this Node.js. Resolves to what it printed. */
  readonly run: (node: string, script: string, args?: readonly string[]) => Promise<string>
  /** The same script with all that it imports, as one file of the bundler. */
  readonly runBundled: (script: string, args?: readonly string[]) => Promise<string>
  /** Compiles a TypeScript module there under strict settings. Rejects with the compiler's messages. */
  readonly compile: (source: string) => Promise<void>
  readonly end: () => Promise<void>
}

/** Installs tarballs into an empty folder. */
export async function install(tarballs: readonly string[]): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-installed-'))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await npm(['install', '--offline', ...tarballs], folder)
  const start = async (node: string, file: string, args: readonly string[]) => {
    const { stdout } = await run(node, [file, ...args], { cwd: folder })
    return stdout.trim()
  }
  return {
    folder,
    async run(node, script, args = []) {
      await cp(join(SCRIPTS, script), join(folder, script))
      return start(node, script, args)
    },
    async runBundled(script, args = []) {
      await cp(join(SCRIPTS, script), join(folder, script))
      const outfile = join(folder, 'bundle.mjs')
      await build({ entryPoints: [join(folder, script)], outfile, bundle: true, format: 'esm', platform: 'node' })
      return start(process.execPath, basename(outfile), args)
    },
    async compile(source) {
      await writeFile(join(folder, 'types.ts'), source)
      const settings = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2024,dom']
      const tsc = join(ROOT, 'node_modules', '.bin', 'tsc')
      await run(process.execPath, [tsc, ...settings, '--types', '', 'types.ts'], { cwd: folder })
    },
    end: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The Node.js 20 of this machine, which is not the one of the project; undefined where there is none. */
export async function nodeTwenty(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
  for (const path of folders.map((folder) => join(folder, 'node')).filter((path) => existsSync(path))) {
    const { stdout } = await run(path, ['--version'])
    if (stdout.startsWith('v20.')) return path
  }
  return undefined
}
