import { build } from 'esbuild'

/** A Worker of the benchmark as a deploy would upload it: one module, minified. */
export async function bundleWorker(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*'],
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
