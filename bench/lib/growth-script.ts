import { build, type Plugin } from 'esbuild'
import { buildWorker } from '../../scripts/lib/workerd.ts'
import { withTicks } from './growth-ticker.ts'

const ENTRY = `import worker from 'worker'
import { ${withTicks.name} } from './growth-ticker.ts'
export default ${withTicks.name}(worker)`

/** The Worker of a deploy, which answers by a tick where it is asked for one. */
export async function buildTickingWorker(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: import.meta.dirname, loader: 'ts' },
    plugins: [deployed(await buildWorker())],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

function deployed(contents: string): Plugin {
  return {
    name: 'deployed',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^worker$/ }, () => ({ path: 'worker', namespace: 'deployed' }))
      onLoad({ filter: /.*/, namespace: 'deployed' }, () => ({ contents }))
    },
  }
}
