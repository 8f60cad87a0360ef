import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** Where Debian and its kin keep the browser. */
const CHROMIUM = '/usr/bin/chromium'
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Why a test that needs a browser is skipped; undefined where there is one. */
export const noBrowser = existsSync(CHROMIUM) ? undefined : `there is no browser at ${CHROMIUM}`

/** A browser with a profile that goes with it. */
export type Browser = {
  readonly context: BrowserContext
  readonly end: () => Promise<void>
}

/** Only what is wrong is of interest; pages have no frames, and what they load is there before they are looked at. */
const AXE = "axe.run({ resultTypes: ['violations'], selectors: false, iframes: false, preload: false })"

/** In a function of its own, so that the browser does not answer all that axe is. */
const SOURCE = `(() => {${axe.source}})()`

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] }

/** Starts the browser of this machine; nothing of an earlier run is in it. */
export async function startBrowser(): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'edge-mfa-browser-'))
  const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS })
  const end = async () => {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
  return { context, end }
}

/**
 * Notes whatever a page complains of from now on: errors on its console, those that nobody caught, and requests that
 * failed or went to another origin.
 */
export function complaintsOf(page: Page, origin: string): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== origin) complaints.push(`another host: ${url.href}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  return complaints
}

/** Breaches of the rules of accessibility that axe finds on a page as it is now: the rule and the element. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(SOURCE)
  const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(AXE)
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** By how many pixels a page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}
