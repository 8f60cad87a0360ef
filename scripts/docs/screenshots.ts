import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import { chromium, type Page } from 'playwright-core'
import { startLocalService } from '../lib/service.ts'
import { ROOT } from '../lib/tool.ts'

const FOLDER = join(ROOT, 'docs/images')
const SIZE = { width: 640, height: 800 }

/** Takes the screenshots of the elements for the README. Needs Chromium. */
export async function takeScreenshots(): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const service = await startLocalService()
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    await takeAll(await browser.newPage({ viewport: SIZE, locale: 'en-GB' }), service.url)
  } finally {
    await browser.close()
    await service.end()
  }
}

/** Takes the states of the elements in the order in which a user sees them. */
async function takeAll(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByLabel('Sign in as').fill('alice')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Set up' }).click()
  const key = await page.getByRole('group', { name: 'Key' }).locator('code').innerText()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await take(page, { element: 'edge-mfa-enroll', name: `enroll-${colorScheme}` })
  }
  await page.emulateMedia({ colorScheme: 'light' })
  const code = new TOTP({ secret: Secret.fromBase32(key.replaceAll(' ', '')) }).generate()
  await page.getByRole('textbox', { name: 'Six-digit code' }).fill(code)
  await page.getByRole('button', { name: 'Check the code' }).click()
  await page.getByLabel('I have saved them').check()
  await take(page, { element: 'edge-mfa-enroll', name: 'codes' })
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('tab', { name: 'Challenge' }).click()
  await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
  await take(page, { element: 'edge-mfa-challenge', name: 'challenge' })
  await page.getByRole('tab', { name: 'Settings' }).click()
  await page.getByText('10 of 10 left').waitFor()
  await take(page, { element: 'edge-mfa-settings', name: 'settings' })
}

/** Takes the element only, so that the image does not depend on the page around it. */
async function take(page: Page, picture: { readonly element: string; readonly name: string }): Promise<void> {
  const path = join(FOLDER, `${picture.name}.png`)
  await page.locator(picture.element).screenshot({ path, animations: 'disabled', caret: 'hide' })
  console.log(path)
}
