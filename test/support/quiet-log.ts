import { beforeEach } from 'vitest'

/*
 * The Worker logs a line for each request. Vitest would send each one out of the runtime by itself, which costs more
 * than the request: the lines are kept here, and those of a failed test are printed.
 */

const MOST_LINES = 200

const print = console.log.bind(console)
let lines: unknown[] = []

console.log = (line: unknown) => {
  if (lines.length < MOST_LINES) lines.push(line)
}

beforeEach(({ onTestFailed }) => {
  lines = []
  onTestFailed(() => print(lines.join('\n')))
})
