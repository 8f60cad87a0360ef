import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Contract, contractText, operationsOf } from '../../scripts/docs/contract.ts'
import { curlOf } from '../../scripts/docs/curl.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { noBrowser } from '../support/node/browser.ts'
import { openProfile, type Profile, type SharedService, sharedService } from '../support/node/shared.ts'
import { expectSoundPage } from '../support/node/sound-page.ts'

const TIMEOUT_MS = 120_000
const contract: Contract = JSON.parse(contractText('0.0.0'))

let service: SharedService
let browser: Profile | undefined
let page: Page | undefined

beforeAll(async () => {
  service = await sharedService()
  if (noBrowser !== undefined) return
  browser = await openProfile()
  page = await browser.context.newPage()
}, TIMEOUT_MS)

afterAll(async () => {
  await browser?.end()
})

describe('the pages of the contract in a browser', () => {
  it.for(['/docs'])(
    'show %s without an error, another host, a barrier or a sideways scroll',
    { timeout: TIMEOUT_MS },
    async (path, context) => {
      if (page === undefined) return context.skip(noBrowser)
      await expectSoundPage(page, { url: service.url, path })
    },
  )

  it('lead by keyboard to the content first', async (context) => {
    if (page === undefined) return context.skip(noBrowser)
    await page.goto(`${service.url}/docs`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('content')
  })
})

describe('the commands of the reference', () => {
  it.each(operationsOf(contract).map((operation) => [operation.operationId, operation] as const))(
    'do %s on the local service',
    async (_, operation) => {
      const command = curlOf(operation).replace('http://127.0.0.1:8787', service.url)
      const written = await runWithTokens(`${command} -o /dev/null -w '%{http_code} %{content_type}'`)
      const [status = '', mediaType = ''] = written.split(/[ ;]/)
      expect(Object.keys(operation.responses)).toContain(status)
      expect(['200', '204', '400', '404', '409'], written).toContain(status)
      expect(mediaType).toMatch(status === '204' ? /^$/ : /json$|html$/)
    },
  )
})

async function runWithTokens(command: string): Promise<string> {
  const sign = (sub: string, scope?: string) => signAccessToken(service.settings, { sub, scope, expiresInSeconds: 60 })
  const env = {
    ...process.env,
    TOKEN: await sign('alice'),
    ADMIN_TOKEN: await sign('helpdesk', 'mfa:admin'),
    SERVICE_TOKEN: await sign('login-backend', 'mfa:challenge'),
  }
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { env })
  return stdout
}
