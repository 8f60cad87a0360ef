import { AsyncLocalStorage } from 'node:async_hooks'
import { afterEach, beforeEach, vi } from 'vitest'

/** Something whose moments pass by being told so, in milliseconds since the epoch. */
type Clock = { readonly now: number }

const clocks = new AsyncLocalStorage<Clock>()

/** Lets several pieces of work run at once in every test of a file, each under a clock of its own. */
export function holdClocks(): void {
  beforeEach(() => {
    vi.stubGlobal('Date', heldDate(Date))
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })
}

/** Does work for which it is as late as that clock says. */
export function under<Value>(clock: Clock, work: () => Promise<Value>): Promise<Value> {
  return clocks.run(clock, work)
}

function heldDate(real: DateConstructor): DateConstructor {
  const now = () => clocks.getStore()?.now ?? real.now()
  return new Proxy(real, {
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now()] : given, made),
  })
}
