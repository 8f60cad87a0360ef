import type { Reporter, TestModule } from 'vitest/node'
import { NEEDS } from './programs.ts'

const SHOWN = 10

/** Ends a run with its slowest files and the tests that it left out for want of a program. */
export const endOfRun: Reporter = {
  onTestRunEnd(modules) {
    const lines = [...slowestFiles(modules), ...leftOut(modules)]
    if (lines.length > 0) console.log(`\n${lines.join('\n')}`)
  },
}

/** The time of a file is what it takes to import it and to run its hooks and tests. */
function slowestFiles(modules: readonly TestModule[]): readonly string[] {
  if (modules.length <= SHOWN) return []
  const files = modules.map((module) => ({ module, seconds: secondsOf(module) }))
  const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, SHOWN)
  return [
    'Slowest files:',
    ...slowest.map(({ module, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${module.relativeModuleId}`),
  ]
}

function secondsOf(module: TestModule): number {
  const { collectDuration, duration, setupDuration } = module.diagnostic()
  return (collectDuration + duration + setupDuration) / 1000
}

function leftOut(modules: readonly TestModule[]): readonly string[] {
  const notes = modules
    .flatMap((module) => [...module.children.allTests('skipped')])
    .map((test) => test.result())
    .flatMap((result) => ('note' in result && result.note?.startsWith(NEEDS) ? [result.note.slice(NEEDS.length)] : []))
  const packages = [...new Set(notes.flatMap((note) => note.split(', ')))].sort()
  if (packages.length === 0) return []
  return [`Left out: ${notes.length} tests. To run them: apt-get install ${packages.join(' ')}`]
}
