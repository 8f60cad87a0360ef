import type { Page } from 'playwright-core'
import { expect, type TestContext } from 'vitest'
import { codeOf } from '../phone.ts'
import { complaintsOf, noBrowser, overflowOf, violationsOf } from './browser.ts'
import { openProfile, type Profile, type SharedService, sharedService } from './shared.ts'

/** What starting a service and a browser, or a whole journey through the page, may take. */
export const JOURNEY_MS = 120_000
const STEP_MS = 30_000
/** One screen of a phone at 200% zoom, and one of a desk. */
const WIDTHS = [320, 1280]
const DESK = { width: 1280, height: 1000 }

/** The shared service and, where there is a browser, a profile of it. */
export type Stage = {
  readonly service: SharedService
  readonly browser: Profile | undefined
  readonly end: () => Promise<void>
}

/** A person before the page: `complaints` are what the browser had to say against it. */
export type Visit = { readonly page: Page; readonly complaints: readonly string[] }

/** Opens both. */
export async function openStage(): Promise<Stage> {
  // Without a browser no test uses the service.
  if (noBrowser !== undefined) return { service: NO_SERVICE, browser: undefined, end: async () => {} }
  const [service, browser] = await Promise.all([sharedService(), openProfile()])
  return { service, browser, end: browser.end }
}

const NO_SERVICE: SharedService = { url: '', settings: {}, origin: '' }

/** Opens the demonstration page as `sub`; skips the test, saying why, where there is no browser. */
export async function visit(stage: Stage, context: TestContext, sub: string): Promise<Visit> {
  const { page, complaints } = await openPage(stage, context)
  await page.goto(stage.service.url)
  await page.getByLabel('Sign in as').fill(sub)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('tab', { name: 'Enroll' }).waitFor()
  return { page, complaints }
}

/** An empty page; skips the test where there is no browser. */
export async function openPage({ service, browser }: Stage, context: TestContext): Promise<Visit> {
  if (browser === undefined) return context.skip(noBrowser)
  const page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
  await page.setViewportSize(DESK)
  // What was on the screen says more than that something was not.
  context.onTestFailed(async () => console.error(await page.ariaSnapshot()))
  return { page, complaints: complaintsOf(page, service.url) }
}

/** An authenticator app that never shows a step twice, as a person who waits for the next code. */
export type Phone = { readonly secret: string; readonly next: () => Promise<string> }

/** @param secret base32 */
export function phoneOf(secret: string): Phone {
  let used = 0
  const next = async () => {
    const earliest = used === 0 ? Math.floor(Date.now() / STEP_MS) : used + 1
    // The service takes the step that comes next, too.
    await expect
      .poll(() => Math.floor(Date.now() / STEP_MS) + 1, { timeout: 45_000, interval: 200 })
      .toBeGreaterThanOrEqual(earliest)
    used = earliest
    return codeOf(secret, earliest * STEP_MS)
  }
  return { secret, next }
}

/** The key on the screen, as somebody without a camera types it into the app. */
export async function phoneFromKey(page: Page): Promise<Phone> {
  const text = await page
    .getByRole('group', { name: /^(Key|Schlüssel)$/ })
    .locator('code')
    .innerText()
  expect(text).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
  return phoneOf(text.replaceAll(' ', ''))
}

/** From the first explanation to the end, by the mouse. Answers the phone and the backup codes. */
export async function enroll(page: Page): Promise<{ readonly phone: Phone; readonly codes: readonly string[] }> {
  await page.getByRole('button', { name: 'Set up' }).click()
  const phone = await phoneFromKey(page)
  await type(page, await phone.next(), 'Check the code')
  const codes = await codesOn(page)
  await page.getByLabel('I have saved them').check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'The second step is on' }).waitFor()
  return { phone, codes }
}

/** Types a code, and presses the button. */
export async function type(page: Page, code: string, button = 'Confirm'): Promise<void> {
  await page.getByLabel('Six-digit code').filter({ visible: true }).fill(code)
  await page.getByRole('button', { name: button, exact: true }).click()
}

/** The ten backup codes on the screen. */
export async function codesOn(page: Page): Promise<readonly string[]> {
  const list = page.locator('ul.codes li')
  await list.first().waitFor()
  const codes = await list.allInnerTexts()
  expect(new Set(codes).size).toBe(10)
  return codes
}

/** Looks at a state as it is now: both colour schemes, narrow and wide, right to left, and in forced colours. */
export async function look(page: Page, state: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of WIDTHS) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: DESK.height })
      const where = `${state}, ${colorScheme}, ${width} pixels wide`
      expect.soft(await overflowOf(page), where).toBe(0)
      expect.soft(await violationsOf(page), where).toEqual([])
    }
  }
  await lookOtherwise(page, state)
}

async function lookOtherwise(page: Page, state: string): Promise<void> {
  await page.setViewportSize({ width: 320, height: DESK.height })
  await page.evaluate("document.documentElement.dir = 'rtl'")
  expect.soft(await overflowOf(page), `${state}, right to left`).toBe(0)
  await page.evaluate("document.documentElement.dir = 'ltr'")
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
  expect.soft(await overflowOf(page), `${state}, forced colours`).toBe(0)
  expect.soft(await page.evaluate('document.getAnimations().length'), `${state}, reduced motion`).toBe(0)
  await page.emulateMedia({ forcedColors: 'none', reducedMotion: 'no-preference', colorScheme: 'light' })
  await page.setViewportSize(DESK)
}

/** What the browser complained of, but for answers of these statuses, which the test has asked for. */
export function otherThan(complaints: readonly string[], ...statuses: readonly number[]): readonly string[] {
  const asked = statuses.flatMap((status) => [`${status}: `, `status of ${status} `])
  return complaints.filter((complaint) => !asked.some((words) => complaint.includes(words)))
}
