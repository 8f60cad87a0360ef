import type { Page } from 'playwright-core'

/** All that a page could leave behind or show: its whole tree with shadow roots and fields, storage, cookies, address. */
const EVERYTHING = `(async () => {
  const parts = []
  const walk = (node) => {
    for (const element of node.querySelectorAll('*')) {
      for (const { value } of element.attributes) parts.push(value)
      if ('value' in element) parts.push(String(element.value))
      if (element.shadowRoot) {
        parts.push(element.shadowRoot.textContent)
        walk(element.shadowRoot)
      }
    }
  }
  parts.push(document.documentElement.textContent)
  walk(document)
  for (const storage of [localStorage, sessionStorage]) parts.push(JSON.stringify(storage))
  parts.push(document.cookie, location.href, JSON.stringify(history.state), window.name)
  parts.push(JSON.stringify(await indexedDB.databases()), JSON.stringify(await caches.keys()))
  parts.push(...performance.getEntriesByType('resource').map(({ name }) => name))
  return parts.join('\\n')
})()`

/** Which of these secrets can be found anywhere in a page, with or without spaces and hyphens. */
export async function tracesOf(page: Page, secrets: readonly string[]): Promise<readonly string[]> {
  const bare = (text: string) => text.replaceAll(/[\s-]/g, '').toUpperCase()
  const found = bare(await page.evaluate<string>(EVERYTHING))
  return secrets.filter((secret) => found.includes(bare(secret)))
}

/** What has the focus, shadow roots included: its text or label, and whether one sees that it has it. */
const FOCUSED = `(() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  const { outlineStyle } = getComputedStyle(element)
  const label = element.labels?.[0]?.textContent ?? element.textContent
  return { label: (element.ariaLabel ?? label).trim(), isSeen: element.matches(':focus-visible') && outlineStyle !== 'none' }
})()`
const MOST_TABS = 40

/** Presses Tab until what is named so has the focus, and is seen to have it. */
export async function tabTo(page: Page, label: string): Promise<void> {
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate<{ readonly label: string; readonly isSeen: boolean }>(FOCUSED)
    if (focused.label !== label) continue
    if (!focused.isSeen) throw new Error(`Nobody sees that "${label}" has the focus.`)
    return
  }
  throw new Error(`No Tab leads to "${label}".`)
}
