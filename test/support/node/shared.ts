import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium } from 'playwright-core'
import { inject } from 'vitest'
import type { Settings } from '../../../scripts/lib/settings.ts'

/** Minified: it is sent to every document, half the size in half the time. */
const AXE = import.meta.resolve('axe-core/axe.min.js')

/** The local service that all files of the project share. Each file uses subjects of its own. */
export type SharedService = {
  readonly url: string
  readonly settings: Settings
  /** The one foreign origin that may read its answers; nothing listens on its port until a test does. */
  readonly origin: string
}

/** Returns the shared service, which starts at the first call of a run. */
export async function sharedService(): Promise<SharedService> {
  return (await ask('/service')) as SharedService
}

/** A profile of the shared browser, with cookies and storage of its own. */
export type Profile = { readonly context: BrowserContext; readonly end: () => Promise<void> }

/**
 * Opens a new profile in the shared browser, which starts at the first call of a run. Its documents have axe from their
 * start: to evaluate it in a page costs more than all its rules.
 */
export async function openProfile(): Promise<Profile> {
  const { endpoint } = (await ask('/browser')) as { readonly endpoint: string }
  const browser = await chromium.connect(endpoint)
  const context = await browser.newContext()
  await context.addInitScript({ content: await readFile(fileURLToPath(AXE), 'utf8') })
  return { context, end: () => browser.close() }
}

async function ask(path: string): Promise<unknown> {
  const response = await fetch(`${inject('sharedUrl')}${path}`)
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}
