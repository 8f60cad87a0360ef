import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { complaintsOf, overflowOf, violationsOf } from './browser.ts'

/** Opens a page, and fails on an error, another host, a rule of accessibility, or a scroll to the side, in any look. */
export async function expectSoundPage(page: Page, { url, path }: { url: string; path: string }): Promise<void> {
  const complaints = complaintsOf(page, url)
  const answer = await page.goto(`${url}${path}`)
  expect(answer?.status()).toBe(200)
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1280]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      expect(await overflowOf(page), `${colorScheme}, ${width} pixels wide`).toBe(0)
      expect(await violationsOf(page), `${colorScheme}, ${width} pixels wide`).toEqual([])
    }
  }
  expect(complaints).toEqual([])
}
