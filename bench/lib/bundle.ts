import { build } from 'esbuild'

/** A Worker as a deploy would upload it: one module, minified unless somebody is to read it. */
export async function bundleWorker(entry: string, { minify = true } = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
