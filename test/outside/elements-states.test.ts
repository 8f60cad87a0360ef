import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  enroll,
  JOURNEY_MS,
  look,
  openPage,
  openStage,
  otherThan,
  type Stage,
  type,
  visit,
} from '../support/node/stage.ts'
import { tabTo } from '../support/node/traces.ts'
import { wrongCode } from '../support/phone.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
}, JOURNEY_MS)

afterAll(async () => {
  await stage.end()
})

describe('the page and the settings', { timeout: JOURNEY_MS }, () => {
  it('are gone through by keyboard alone, from the sign-in to the end of the second step', async (context) => {
    const { page, complaints } = await openPage(stage, context)
    await page.goto(stage.service.url)
    await page.getByLabel('Sign in as').waitFor()
    await look(page, 'sign-in')
    await page.reload()
    await tabTo(page, 'Sign in as')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('typist')
    await page.keyboard.press('Enter')
    const { codes } = await enroll(page)
    await page.getByRole('tab', { name: 'Enroll' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.getByText('10 of 10 left').waitFor()
    await tabTo(page, 'Add an authenticator')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Use a backup code instead' }).waitFor()
    await look(page, 'proof')
    await tabTo(page, 'Cancel')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Turn off the second step')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Use a backup code instead')
    await page.keyboard.press('Enter')
    await page.keyboard.type(codes[0] ?? '')
    await page.keyboard.press('Enter')
    await page.getByText('The second step is off.').waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('what goes wrong', { timeout: JOURNEY_MS }, () => {
  it('is open to everyone too: a service that is not there, and a wait', async (context) => {
    const { page, complaints } = await visit(stage, context, 'unlucky')
    const { phone } = await enroll(page)
    await page.getByRole('tab', { name: 'Challenge' }).click()
    for (const left of [4, 3, 2, 1, 0]) {
      await type(page, wrongCode(phone.secret))
      await page
        .getByRole('alert')
        .filter({ visible: true, hasText: `Attempts left: ${left}.` })
        .waitFor()
    }
    await type(page, wrongCode(phone.secret))
    await page.getByRole('timer').filter({ visible: true }).waitFor()
    await look(page, 'a wait')
    await page.reload()
    await page.route('**/api/user/profile/mfa', (route) => route.abort())
    await page.getByLabel('Sign in as').fill('unlucky')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await look(page, 'unreachable')
    await page.unroute('**/api/user/profile/mfa')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'The second step is on' }).waitFor()
    const others = otherThan(complaints, 400, 429).filter((each) => !each.includes('net::ERR_FAILED'))
    expect(others).toEqual([])
    await page.close()
  })

  it('runs no file whose hash is another one', async (context) => {
    const { page } = await openPage(stage, context)
    const { url } = stage.service
    await page.goto(`${url}/docs`)
    const script = { src: `${url}/elements/latest/edge-mfa.js`, integrity: `sha384-${'A'.repeat(64)}` }
    const outcome = await page.evaluate(`new Promise((resolve) => {
      const script = Object.assign(document.createElement('script'), ${JSON.stringify(script)}, { type: 'module', crossOrigin: '' })
      script.onload = () => resolve('loaded')
      script.onerror = () => resolve('refused')
      document.head.append(script)
    })`)
    expect(outcome).toBe('refused')
    expect(await page.evaluate("customElements.get('edge-mfa-enroll') === undefined")).toBe(true)
    await page.close()
  })
})
