import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Request } from 'express'
import { jwtVerify } from 'jose'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { transfersApi } from '../../docs/examples/express.ts'
import { createStepUpVerifier } from '../../packages/verify/src/verify.ts'
import { buildPackages } from '../../scripts/lib/packages.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'
import { noBrowser, violationsOf } from '../support/node/browser.ts'
import { call, type Enrolled, enroll } from '../support/node/enroll.ts'
import { type Installed, install } from '../support/node/installed.ts'
import { openProfile, type Profile } from '../support/node/shared.ts'

/* Pattern B on Express, with real tokens, and a page that uses the installed packages in a real browser. */

const START_TIMEOUT_MS = 180_000

let service: LocalService
let server: Server
let origin: string

beforeAll(async () => {
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  service = await startLocalService({ CORS_ORIGINS: origin })
  server = await listen(transfersApi({ subject, verifier: verifierOf(service.url) }), port)
}, START_TIMEOUT_MS)

afterAll(async () => {
  await close(server)
  await service.end()
})

function verifierOf(serviceUrl: string) {
  return createStepUpVerifier({ serviceUrl, audience: service.settings['STEP_UP_AUDIENCE'] ?? '', maxAge: 300 })
}

/** The access tokens of the local service are HMACs. */
async function subject(request: Request) {
  const { AUTH_HS256_SECRET = '', AUTH_ISSUER: iss = '', AUTH_AUDIENCE = '' } = service.settings
  const token = request.get('Authorization')?.replace('Bearer ', '') ?? ''
  const options = { issuer: iss, audience: AUTH_AUDIENCE }
  const verified = await jwtVerify(token, Buffer.from(AUTH_HS256_SECRET, 'base64url'), options).catch(() => undefined)
  return verified && { iss, sub: verified.payload.sub ?? '' }
}

async function listen(listener: RequestListener, port = 0): Promise<Server> {
  const started = createServer(listener)
  await new Promise<void>((resolve) => started.listen(port, '127.0.0.1', resolve))
  return started
}

async function close(started: Server): Promise<void> {
  started.closeAllConnections()
  await new Promise((resolve) => started.close(resolve))
}

async function transfer(accessToken: string, stepUpToken?: string, to = origin): Promise<Response> {
  const headers = {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${accessToken}`,
    ...(stepUpToken !== undefined && { 'Step-Up-Token': stepUpToken }),
  }
  return fetch(`${to}/transfers`, { method: 'POST', headers, body: JSON.stringify({ amount: 5 }) })
}

async function challenge({ token, backupCodes: [backup_code] }: Enrolled): Promise<string> {
  const { body } = await call(service.url, { path: '/challenge', token, body: { backup_code } })
  return String(body['token'])
}

describe('an API on Express', () => {
  it('transfers for the user who proved the second factor, and for no other', async () => {
    const [alice, mallory] = [await enroll(service, 'alice'), await enroll(service, 'mallory')]
    const proof = await challenge(alice)
    const response = await transfer(alice.token, proof)
    expect([response.status, await response.json()]).toEqual([200, { from: 'alice', amount: 5 }])
    expect((await transfer(mallory.token, proof)).status).toBe(401)
    expect((await transfer('', proof)).status).toBe(401)
  })

  it('cannot be reached without the challenge', async () => {
    const { token } = await enroll(service, 'bob')
    for (const instead of [undefined, '', token, `${token}.${token}`]) {
      const response = await transfer(token, instead)
      expect(response.status).toBe(401)
      expect(response.headers.get('WWW-Authenticate')).toContain('acr_values="urn:edge-mfa:acr:mfa"')
    }
  })

  it('answers 503 while the keys of Edge MFA are unavailable', async () => {
    const dead = await listen(transfersApi({ subject, verifier: verifierOf(`http://127.0.0.1:${await freePort()}`) }))
    const address = dead.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const carol = await enroll(service, 'carol')
    const response = await transfer(carol.token, await challenge(carol), `http://127.0.0.1:${port}`)
    expect(response.status).toBe(503)
    await close(dead)
  })
})

const SCRIPT = `
  import { withStepUp } from '@edge-mfa/client'
  import { challengeDialog } from '@edge-mfa/elements/dialog'
  globalThis.start = ({ api, accessToken }) => {
    const send = withStepUp(fetch, { challenge: challengeDialog({ api, token: () => accessToken }) })
    const headers = { Authorization: 'Bearer ' + accessToken, 'Content-Type': 'application/json' }
    globalThis.transfers = async (count) => {
      const body = JSON.stringify({ amount: 5 })
      const sent = Array.from({ length: count }, () => send('/transfers', { method: 'POST', headers, body }))
      document.title = (await Promise.all(sent)).map(({ status }) => status).join()
    }
  }
`

describe('a page of that API', { timeout: START_TIMEOUT_MS }, () => {
  let installed: Installed | undefined
  let browser: Profile | undefined
  let script = ''

  beforeAll(async () => {
    if (noBrowser !== undefined) return
    const target = await mkdtemp(join(tmpdir(), 'edge-mfa-packages-'))
    const { client, elements } = await buildPackages(target)
    installed = await install([client, elements])
    await rm(target, { recursive: true, force: true })
    const stdin = { contents: SCRIPT, resolveDir: installed.folder }
    const { outputFiles } = await build({ stdin, bundle: true, format: 'iife', write: false })
    script = outputFiles[0]?.text ?? ''
    browser = await openProfile()
  }, START_TIMEOUT_MS)

  afterAll(async () => {
    await browser?.end()
    await installed?.end()
  })

  async function open(context: TestContext, { token }: Enrolled): Promise<Page> {
    if (browser === undefined) return context.skip(noBrowser)
    const page = await browser.context.newPage()
    await page.goto(`${origin}/balance`)
    await page.setContent('<!doctype html><html lang="en"><title>waiting</title><h1>Transfers</h1></html>')
    await page.addScriptTag({ content: script })
    await page.evaluate(`start(${JSON.stringify({ api: service.url, accessToken: token })})`)
    return page
  }

  it('asks once for a code, and repeats what was refused', async (context) => {
    const dave = await enroll(service, 'dave')
    const page = await open(context, dave)
    await page.evaluate('void transfers(3)')
    await page.getByRole('dialog', { name: 'Confirm that it is you' }).waitFor()
    await page.keyboard.type(dave.code(1))
    await page.keyboard.press('Enter')
    await expect.poll(() => page.title()).toBe('200,200,200')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.close()
  })

  it.for([
    { way: 'Escape', cancel: (page: Page) => page.keyboard.press('Escape') },
    { way: 'the button', cancel: (page: Page) => page.getByRole('button', { name: 'Cancel' }).click() },
  ])('gets the refusal when the user cancels by $way', async ({ way, cancel }, context) => {
    const page = await open(context, await enroll(service, `erin by ${way}`))
    await page.evaluate('void transfers(2)')
    await page.getByRole('dialog').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await cancel(page)
    await expect.poll(() => page.title()).toBe('401,401')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.close()
  })
})
