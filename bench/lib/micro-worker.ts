import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../../scripts/lib/process.ts'
import { startWorkerd, type Workerd } from '../../scripts/lib/workerd.ts'
import { bundleWorker } from './bundle.ts'

const FOLDER = fileURLToPath(new URL('../micro', import.meta.url))

/** Starts the Worker of the microbenchmarks. The first call installs the libraries that it compares with. */
export async function startMicroWorker(): Promise<Workerd> {
  await install()
  return startWorkerd({ script: await bundleWorker(join(FOLDER, 'worker.ts')), settings: {}, port: await freePort() })
}

async function install(): Promise<void> {
  if (existsSync(join(FOLDER, 'node_modules'))) return
  await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: FOLDER })
}
