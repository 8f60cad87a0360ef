/** What the Worker's own log says of its requests: how long the longest took, from its turn to its answer. */
export function requestTimes(): { readonly onLine: (line: string) => void; readonly longestMs: () => number } {
  let longest = 0
  const onLine = (line: string) => {
    const [, duration] = /"durationMs":(\d+)/.exec(line) ?? []
    if (duration !== undefined) longest = Math.max(longest, Number(duration))
  }
  return { onLine, longestMs: () => longest }
}
