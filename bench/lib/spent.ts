import type { CpuProfile } from './profiler.ts'

const IDLE = '(idle)'
const COLLECTOR = '(garbage collector)'
const ENGINE = '(engine)'

/**
 * Shares of the time that a Worker was not idle, by what spent it: a package, or a folder of ours. What the runtime does
 * on behalf of somebody is theirs.
 * @param script the bundle, not minified: a comment names the file that each part of it comes from
 */
export function sharesOf(profile: CpuProfile, script: string): ReadonlyMap<string, number> {
  const sources = sourcesByLine(script)
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  )

  function spender(sample: number): string {
    const name = nodes.get(sample)?.callFrame.functionName
    if (name === IDLE || name === COLLECTOR) return name
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const frame = nodes.get(id)?.callFrame
      const source = frame?.url ? sources[frame.lineNumber] : undefined
      if (source !== undefined) return source
    }
    return ENGINE
  }

  const spent = new Map<string, number>()
  for (const [index, sample] of profile.samples.entries()) {
    const who = spender(sample)
    spent.set(who, (spent.get(who) ?? 0) + (profile.timeDeltas[index] ?? 0))
  }
  spent.delete(IDLE)
  const total = [...spent.values()].reduce((sum, each) => sum + each, 0)
  return new Map([...spent].map(([who, time]) => [who, time / total]))
}

/** For each line of a bundle, the package or the folder of ours that it comes from. */
function sourcesByLine(script: string): readonly (string | undefined)[] {
  let source: string | undefined
  return script.split('\n').map((line) => {
    const [, path] = /^\/\/ (\S+\.(?:ts|js|mjs))$/.exec(line) ?? []
    if (path !== undefined) source = sourceOf(path)
    return source
  })
}

function sourceOf(path: string): string {
  const [, inside] = /.*node_modules\/(.+)$/.exec(path) ?? []
  const [first = '', second = ''] = (inside ?? path).split('/')
  const isFolder = inside !== undefined ? first.startsWith('@') : !second.includes('.')
  return isFolder || inside === undefined ? `${first}/${second}` : first
}
