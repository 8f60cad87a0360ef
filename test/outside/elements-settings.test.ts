import { createServer, type Server } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { readDocument } from '../support/node/markdown.ts'
import {
  codesOn,
  enroll,
  JOURNEY_MS,
  look,
  openPage,
  openStage,
  otherThan,
  phoneFromKey,
  type Stage,
  type,
  visit,
} from '../support/node/stage.ts'
import { tabTo } from '../support/node/traces.ts'
import { wrongCode } from '../support/phone.ts'

/** Keeps the detail of the last event where the test can read it. */
const LISTEN = "addEventListener('edge-mfa-verified', ({ detail }) => { globalThis.verified = detail })"
const EMPTY = '<!doctype html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,">'
let stage: Stage
let origin: string
let stranger: Server
let html = ''

beforeAll(async () => {
  stage = await openStage()
  origin = stage.service.origin
  stranger = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(html))
  const port = Number(URL.parse(origin)?.port ?? 0)
  await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve))
}, JOURNEY_MS)

afterAll(async () => {
  await stage.end()
  stranger.closeAllConnections()
  await new Promise((resolve) => stranger.close(resolve))
})

describe('<edge-mfa-challenge>', { timeout: JOURNEY_MS }, () => {
  it('hands out a token for a code and for a backup code, which anybody can check', async (context) => {
    const { page, complaints } = await visit(stage, context, 'proves')
    const { phone, codes } = await enroll(page)
    await page.evaluate(LISTEN)
    await page.getByRole('tab', { name: 'Challenge' }).click()
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await look(page, 'challenge')
    await type(page, await phone.next())
    await page.getByText('You are confirmed.').waitFor()
    await look(page, 'confirmed')
    expect(await verified(await page.evaluate('verified.token'))).toMatchObject({ sub: 'proves', amr: ['otp', 'mfa'] })
    await page.getByRole('tab', { name: 'Challenge' }).click()
    await page.getByRole('button', { name: 'Use a backup code instead' }).click()
    await look(page, 'backup code')
    await page.getByRole('textbox', { name: 'Backup code' }).fill(codes[0]?.toLowerCase() ?? '')
    await page.getByRole('button', { name: 'Confirm', exact: true }).click()
    await page.getByText('You are confirmed.').waitFor()
    expect(await verified(await page.evaluate('verified.token'))).toMatchObject({ sub: 'proves', amr: ['mfa'] })
    expect(await page.evaluate('verified.backup_codes_remaining')).toBe(9)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('counts down after too many wrong codes, and lets one try again at the end', async (context) => {
    const { page, complaints } = await visit(stage, context, 'guesses')
    const { phone } = await enroll(page)
    await page.getByRole('tab', { name: 'Challenge' }).click()
    await page.clock.install()
    const alert = page.getByRole('alert').filter({ visible: true })
    for (const left of [4, 3, 2, 1, 0]) {
      await type(page, wrongCode(phone.secret))
      await alert.filter({ hasText: `Attempts left: ${left}.` }).waitFor()
    }
    await type(page, wrongCode(phone.secret))
    await alert.filter({ hasText: 'Too many attempts.' }).waitFor()
    const timer = page.getByRole('timer').filter({ visible: true })
    const seconds = async () => Number(/in (\d+) s/.exec(await timer.innerText())?.[1])
    const first = await seconds()
    expect(first).toBeLessThanOrEqual(30)
    await expect.poll(seconds).toBeLessThan(first)
    expect(await page.getByRole('button', { name: 'Confirm' }).getAttribute('aria-disabled')).toBe('true')
    await page.clock.fastForward(31_000)
    await page.getByText('You can try again now.').waitFor()
    expect(otherThan(complaints, 400, 429)).toEqual([])
    await page.close()
  })
})

describe('<edge-mfa-settings>', { timeout: JOURNEY_MS }, () => {
  it('changes the phone, renames, renews, tells what happened and turns off', async (context) => {
    const { page, complaints } = await visit(stage, context, 'changes')
    const { codes } = await enroll(page)
    const [first = '', second = '', ...rest] = codes
    await page.getByRole('tab', { name: 'Settings' }).click()
    const prove = async (code: string) => {
      await page.getByRole('button', { name: 'Use a backup code instead' }).click()
      await page.getByRole('textbox', { name: 'Backup code' }).fill(code)
      await page.getByRole('button', { name: 'Confirm', exact: true }).click()
    }
    await page.getByRole('button', { name: 'Rename Authenticator' }).click()
    await look(page, 'rename')
    await page.getByLabel('Name of the authenticator').fill('Old phone')
    await page.keyboard.press('Enter')
    await page.getByText('The name was changed.').waitFor()
    await page.getByRole('button', { name: 'Add an authenticator' }).click()
    await prove(first)
    await type(page, await (await phoneFromKey(page)).next(), 'Check the code')
    await page.getByRole('status').filter({ hasText: 'Authenticator added' }).waitFor()
    await look(page, 'settings')
    await page.getByRole('button', { name: 'Remove Old phone' }).click()
    await prove(second)
    await page.getByText('The authenticator was removed.').waitFor()
    expect(await page.getByRole('button', { name: 'Remove Old phone' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Make new backup codes' }).click()
    await prove(rest[0] ?? '')
    const fresh = await codesOn(page)
    await page.getByLabel('I have saved them').check()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('10 of 10 left').waitFor()
    await tabTo(page, 'What happened')
    await page.keyboard.press('Enter')
    await page.getByText('New backup codes made').waitFor()
    await look(page, 'history')
    await page.getByRole('button', { name: 'Turn off the second step' }).click()
    await look(page, 'turning off')
    await prove(fresh[0] ?? '')
    await page.getByText('The second step is off.').waitFor()
    await look(page, 'off')
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('a page of another origin', { timeout: JOURNEY_MS }, () => {
  it.for(['two lines', 'a pinned file'] as const)('embeds an element by %s of the guide', async (way, context) => {
    const { page } = await openPage(stage, context)
    const { url, settings } = stage.service
    const token = await signAccessToken(settings, { sub: `abroad-${way.length}`, expiresInSeconds: 600 })
    html = EMPTY + (way === 'two lines' ? twoLines(url, token) : await pinned(url, token))
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', ({ message }) => complaints.push(message))
    page.on('request', (request) => {
      const from = new URL(request.url())
      if (![url, origin].includes(from.origin) && from.protocol !== 'data:') complaints.push(from.href)
    })
    await page.goto(origin)
    await enroll(page)
    expect(complaints).toEqual([])
    await page.close()
  })
})

function twoLines(url: string, token: string): string {
  return `<edge-mfa-enroll></edge-mfa-enroll>
<script type="module">import '${url}/elements/latest/edge-mfa.js'; document.querySelector('edge-mfa-enroll').token = () => '${token}'</script>`
}

/** The browser runs no file whose hash is not the one that the guide prints. */
async function pinned(url: string, token: string): Promise<string> {
  const integrity = /integrity="([^"]+)"/.exec(await readDocument('docs/elements.md'))?.[1]
  return `<edge-mfa-enroll></edge-mfa-enroll>
<script type="module" crossorigin integrity="${integrity}" src="${url}/elements/0.1.0/edge-mfa.js"></script>
<script>document.querySelector('edge-mfa-enroll').token = () => '${token}'</script>`
}

async function verified(token: string) {
  const { url, settings } = stage.service
  const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`))
  const audience = settings['STEP_UP_AUDIENCE'] ?? ''
  return (await jwtVerify(token, keys, { audience, typ: 'mfa-stepup+jwt', algorithms: ['ES256'] })).payload
}
