import { appendFileSync } from 'node:fs'
import { inject } from 'vitest'

/** Whether this is `npm run torture`; every other run of the tests has the short form. */
export const isLong = process.env['TORTURE'] === 'long'

/** How much of something: a little in every run of the tests, a lot under `npm run torture`. */
export function sized(amount: { readonly short: number; readonly long: number }): number {
  return isLong ? amount.long : amount.short
}

/** Notes figures for the table that `npm run torture` ends with; says them aloud in any other run. */
export function report(what: string, figures: Readonly<Record<string, string | number>>): void {
  const line = JSON.stringify({ what, figures })
  const file = process.env['TORTURE_REPORT']
  if (file === undefined) console.log(line)
  else appendFileSync(file, `${line}\n`)
}

/** The Worker of a deploy, built once for all files. */
export function builtWorker(): string {
  return inject('workerScript')
}
