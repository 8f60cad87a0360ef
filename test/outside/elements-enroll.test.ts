import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingPrograms } from '../support/node/programs.ts'
import {
  codesOn,
  enroll,
  JOURNEY_MS,
  look,
  openStage,
  otherThan,
  phoneFromKey,
  phoneOf,
  type Stage,
  type,
  visit,
} from '../support/node/stage.ts'
import { tabTo, tracesOf } from '../support/node/traces.ts'
import { codeOf, wrongCode } from '../support/phone.ts'

/** An independent reader of QR codes. */
const READER = 'zbarimg'
const noReader = missingPrograms(READER)
let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, JOURNEY_MS)

afterAll(async () => {
  await stage.end()
})

describe('<edge-mfa-enroll>', { timeout: JOURNEY_MS }, () => {
  it('leads from the explanation to the saved codes, and every state is open to everyone', async (context) => {
    const { page, complaints } = await visit(stage, context, 'looks')
    await page.getByRole('button', { name: 'Set up' }).waitFor()
    await look(page, 'explanation')
    await page.getByRole('button', { name: 'Set up' }).click()
    const phone = await phoneFromKey(page)
    await look(page, 'picture and key')
    await type(page, '12345', 'Check the code')
    await page.getByText('The code has six digits.').waitFor()
    await type(page, wrongCode(phone.secret), 'Check the code')
    await page.getByRole('alert').filter({ hasText: 'Attempts left: 9.' }).waitFor()
    await look(page, 'wrong code')
    await type(page, await phone.next(), 'Check the code')
    const codes = await codesOn(page)
    expect(await tracesOf(page, [phone.secret, ...codes])).toEqual(codes)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Save the codes first').waitFor()
    await look(page, 'backup codes')
    await page.getByLabel('I have saved them').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('From now on you will be asked').waitFor()
    await look(page, 'done')
    expect(await tracesOf(page, [phone.secret, ...codes])).toEqual([])
    expect(otherThan(complaints, 400)).toEqual([])
    await page.close()
  })

  it.for(['light', 'dark'] as const)(
    'shows a QR code that a reader takes off the %s screen',
    async (scheme, context) => {
      if (noReader !== undefined) return context.skip(noReader)
      const { page, complaints } = await visit(stage, context, `camera-${scheme}`)
      await page.emulateMedia({ colorScheme: scheme })
      await page.getByRole('button', { name: 'Set up' }).click()
      const typed = await phoneFromKey(page)
      const uri = new URL(await readScreen(page))
      expect(uri.href).toMatch(/^otpauth:\/\/totp\//)
      expect(decodeURIComponent(uri.pathname)).toContain(`camera-${scheme}`)
      expect(uri.searchParams.get('secret')).toBe(typed.secret)
      await type(page, await phoneOf(uri.searchParams.get('secret') ?? '').next(), 'Check the code')
      await codesOn(page)
      expect(complaints).toEqual([])
      await page.close({ runBeforeUnload: false })
    },
  )

  it('says by how much the clock of a phone is wrong, and takes no code for it', async (context) => {
    const { page, complaints } = await visit(stage, context, 'skewed')
    await page.getByRole('button', { name: 'Set up' }).click()
    const { secret } = await phoneFromKey(page)
    await type(page, codeOf(secret, Date.now() + 120_000), 'Check the code')
    await page.getByText('The clock of your phone is about 2 min ahead.').waitFor()
    expect(otherThan(complaints, 400)).toEqual([])
    await page.close()
  })

  it('takes a pasted code with a space, and limits neither its length nor sends it by itself', async (context) => {
    const { page, complaints } = await visit(stage, context, 'pastes')
    await page.getByRole('button', { name: 'Set up' }).click()
    const code = await (await phoneFromKey(page)).next()
    const field = page.getByRole('textbox', { name: 'Six-digit code' })
    expect(await field.getAttribute('inputmode')).toBe('numeric')
    expect(await field.getAttribute('autocomplete')).toBe('one-time-code')
    expect(await field.getAttribute('maxlength')).toBeNull()
    await field.focus()
    await paste(page, `${code.slice(0, 3)} ${code.slice(3)}`)
    expect(await field.inputValue()).toBe(`${code.slice(0, 3)} ${code.slice(3)}`)
    await page.keyboard.press('Enter')
    await codesOn(page)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('asks again by itself when the answer of verify was lost, and shows the codes of the one activation', async (context) => {
    const { page, complaints } = await visit(stage, context, 'cut-off')
    await page.getByRole('button', { name: 'Set up' }).click()
    const phone = await phoneFromKey(page)
    const lost: string[] = []
    await page.route('**/mfa/verify', async (route) => {
      if (lost.length > 0) return route.continue()
      const { backup_codes }: { readonly backup_codes: readonly string[] } = await (await route.fetch()).json()
      lost.push(...backup_codes)
      await route.abort()
    })
    await type(page, await phone.next(), 'Check the code')
    expect(await codesOn(page)).toEqual(lost)
    await page.getByLabel('I have saved them').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByText('What happened').click()
    await page.getByText('Second step turned on').waitFor()
    expect(await page.getByText('Second step turned on').count()).toBe(1)
    expect(complaints).toEqual(['console: Failed to load resource: net::ERR_FAILED'])
    await page.close()
  })

  it('can be gone through by keyboard alone, and the focus is always seen', async (context) => {
    const { page, complaints } = await visit(stage, context, 'keyboard')
    await tabTo(page, 'Set up')
    await page.keyboard.press('Enter')
    const phone = await phoneFromKey(page)
    await tabTo(page, 'Six-digit code')
    await page.keyboard.type(await phone.next())
    await page.keyboard.press('Enter')
    await codesOn(page)
    await tabTo(page, 'I have saved them')
    await page.keyboard.press('Space')
    await tabTo(page, 'Continue')
    await page.keyboard.press('Enter')
    await page.getByText('From now on you will be asked').waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('speaks German where the page does', async (context) => {
    const { page, complaints } = await visit(stage, context, 'deutsch')
    await page.evaluate("document.querySelector('edge-mfa-enroll').lang = 'de'")
    await page.getByRole('button', { name: 'Einrichten' }).click()
    const phone = await phoneFromKey(page)
    await look(page, 'Bild und Schlüssel')
    await page.getByLabel('Sechsstelliger Code').fill(await phone.next())
    await page.getByRole('button', { name: 'Code prüfen' }).click()
    await codesOn(page)
    await look(page, 'Backup-Codes')
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('backup codes, which are shown once', { timeout: JOURNEY_MS }, () => {
  it('can be copied, downloaded and printed, and are not left without a warning', async (context) => {
    const { page, complaints } = await visit(stage, context, 'saves')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Set up' }).click()
    await type(page, await (await phoneFromKey(page)).next(), 'Check the code')
    const codes = await codesOn(page)
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(codes.join('\n'))
    expect(await download(page)).toEqual(['Backup codes for 127.0.0.1. Each works once.', '', ...codes, ''])
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('ul.codes li:visible').count()).toBe(10)
    expect(await page.getByText('See it work').isVisible()).toBe(false)
    expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0)
    await page.emulateMedia({ media: 'screen' })
    const [warning] = await Promise.all([page.waitForEvent('dialog'), page.close({ runBeforeUnload: true })])
    expect(warning.type()).toBe('beforeunload')
    await warning.dismiss()
    expect(await codesOn(page)).toEqual(codes)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('can be made anew by whoever has not seen them', async (context) => {
    const { page, complaints } = await visit(stage, context, 'again')
    const { phone, codes } = await enroll(page)
    await page.reload()
    await page.getByLabel('Sign in as').fill('again')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Make new backup codes' }).first().click()
    await type(page, await phone.next())
    const fresh = await codesOn(page)
    expect(fresh.filter((code) => codes.includes(code))).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  })
})

async function readScreen(page: Page): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-screen-'))
  try {
    const path = join(folder, 'screen.png')
    await page.screenshot({ path, fullPage: true })
    const { stdout } = await promisify(execFile)(READER, ['--raw', '-q', '-Sdisable', '-Sqrcode.enable', path])
    return stdout.trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function paste(page: Page, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
  await page.keyboard.press('ControlOrMeta+V')
}

async function download(page: Page): Promise<readonly string[]> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('backup-codes.txt')
  const chunks: Buffer[] = []
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString().split('\r\n')
}
