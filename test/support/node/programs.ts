import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Programs that some tests need, by the Debian package that brings them. */
const PACKAGES = {
  chromium: 'chromium',
  curl: 'curl',
  jq: 'jq',
  oathtool: 'oathtool',
  zbarimg: 'zbar-tools',
} as const

/** Begins the note of a test that is skipped because a program is missing; the names of packages follow. */
export const NEEDS = 'needs the Debian packages '

/** Returns the note of a test that needs these programs; undefined when all are installed. With `CI` set, it throws. */
export function missingPrograms(...names: readonly (keyof typeof PACKAGES)[]): string | undefined {
  const missing = names.filter((name) => pathOf(name) === undefined)
  if (missing.length === 0) return undefined
  const note = `${NEEDS}${missing.map((name) => PACKAGES[name]).join(', ')}`
  if (process.env['CI']) throw new Error(note)
  return note
}

/** Returns where a program is installed; undefined when it is not on the PATH. */
export function pathOf(name: keyof typeof PACKAGES): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(existsSync)
}
