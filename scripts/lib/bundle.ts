import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from './tool.ts'

/** The name, in a bundle's folder, of what the bundler says of it: which file it took how many bytes from. */
export const BUILD_RECORD = 'build.json'

/**
 * Builds the Worker as a deploy to an environment would, deploys nothing, and hands the folder with the bundle to `use`
 * before it goes. The environment of the name '' is what stands at the top of wrangler.toml.
 */
export async function withBundle<Value>(
  environment: string,
  use: (built: { readonly folder: string; readonly code: number | null; readonly output: string }) => Promise<Value>,
): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-bundle-'))
  try {
    const target = ['--outdir', folder, '--metafile', join(folder, BUILD_RECORD)]
    const built = await runTool('wrangler', ['deploy', '--dry-run', `--env=${environment}`, ...target])
    return await use({ folder, ...built })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
