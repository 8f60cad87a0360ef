import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { freePort } from '../../scripts/lib/process.ts'
import { startWorkerd, type Workerd } from '../../scripts/lib/workerd.ts'

const FOLDER = fileURLToPath(new URL('../micro', import.meta.url))

/** Starts the Worker of the microbenchmarks. The first call installs the libraries that it compares with. */
export async function startMicroWorker(): Promise<Workerd> {
  await install()
  return startWorkerd({ script: await bundle(), settings: {}, port: await freePort() })
}

async function install(): Promise<void> {
  if (existsSync(join(FOLDER, 'node_modules'))) return
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER })
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(FOLDER, 'worker.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
