import type { Page } from 'playwright-core'
import { missingPrograms } from './programs.ts'

/** Arguments of the browser: nothing of it needs a screen, a sandbox or the network. */
export const FLAGS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The note of a test that needs a browser; undefined when there is one. */
export const noBrowser = missingPrograms('chromium')

/** Only what is wrong is of interest; pages have no frames, and what they load is there before they are looked at. */
const RUN_AXE = "axe.run({ resultTypes: ['violations'], selectors: false, iframes: false, preload: false })"

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] }

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
  const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(RUN_AXE)
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

/** By how many pixels a page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}
