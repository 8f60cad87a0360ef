import type { Diagnosis } from './examine.ts'

/** Returns the number of findings that are errors. */
export function countErrors({ findings }: Diagnosis): number {
  return findings.filter(({ severity }) => severity === 'error').length
}

/** Returns the diagnosis as text for a terminal. `source` says where the settings come from. */
export function toText(diagnosis: Diagnosis, source: string): string {
  const { findings, skipped } = diagnosis
  const errors = countErrors(diagnosis)
  const blocks = findings.map(
    ({ severity, code, found, cause, fix }) =>
      `\n${severity === 'error' ? '✗' : '!'} ${code}: ${found}\n  cause: ${cause}\n  fix:   ${fix}`,
  )
  return [
    `Settings: ${source}`,
    ...blocks,
    ...(skipped.length > 0 ? [`\nNot checked because of the findings above: ${skipped.join(', ')}.`] : []),
    findings.length === 0 ? 'No problems found.' : `\n${errors} errors, ${findings.length - errors} warnings.`,
  ].join('\n')
}

/** Returns the diagnosis as JSON. `source` says where the settings come from. */
export function toJson(diagnosis: Diagnosis, source: string): string {
  return JSON.stringify({ source, healthy: countErrors(diagnosis) === 0, ...diagnosis }, null, 2)
}
