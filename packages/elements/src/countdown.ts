const TICK_MS = 250

/**
 * Calls `show` with the whole seconds that are left, once a second, and `end` when none is. It measures with the
 * monotonic clock, so that a phone with a wrong time counts right.
 */
export function countDown(
  seconds: number,
  options: {
    readonly signal: AbortSignal
    readonly show: (secondsLeft: number) => void
    readonly end: () => void
  },
): void {
  const deadline = performance.now() + seconds * 1000
  let shown = 0
  const tick = () => {
    const left = Math.ceil((deadline - performance.now()) / 1000)
    if (left !== shown && left > 0) options.show(left)
    shown = left
    if (left > 0) return
    clearInterval(timer)
    options.end()
  }
  const timer = setInterval(tick, TICK_MS)
  options.signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  tick()
}
