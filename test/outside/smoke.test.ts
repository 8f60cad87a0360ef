import { spawn } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../scripts/lib/process.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { startAnswers } from '../support/node/answers.ts'
import { call, enroll } from '../support/node/enroll.ts'
import { type SharedService, sharedService } from '../support/node/shared.ts'

const START_TIMEOUT_MS = 100_000

let service: SharedService

beforeAll(async () => {
  service = await sharedService()
}, START_TIMEOUT_MS)

/** Runs the script as an operator would; another server of this process may have to answer it meanwhile. */
async function smoke(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['scripts/smoke.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

function tokenOf(sub: string, overrides: Readonly<Record<string, string>> = {}): Promise<string> {
  return signAccessToken({ ...service.settings, ...overrides }, { sub, expiresInSeconds: 600 })
}

async function statusOf(token: string) {
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(`${service.url}/api/user/profile/mfa`, { headers })
  return (await response.json()) as { enabled: boolean; pending: unknown }
}

describe('npm run smoke', () => {
  it('holds against a healthy service, without a token', async () => {
    const { code, output } = await smoke('--url', service.url)
    expect(output).not.toContain('✗')
    expect(output).toContain('- no enrollment: there is no token')
    expect(code).toBe(0)
  })

  it('enrolls the subject of a token, and leaves nothing of it', async () => {
    const token = await tokenOf('smoke')
    for (const time of ['first', 'second']) {
      const { code, output } = await smoke('--url', service.url, '--token', token)
      expect(output, time).toContain('✓ disable: MFA is off again\nEvery step held.')
      expect(code, time).toBe(0)
      expect(output).not.toContain(token)
    }
    expect(await statusOf(token)).toMatchObject({ enabled: false, pending: null })
  })

  it('touches nobody who has MFA on', async () => {
    const { token } = await enroll(service, 'smoke-enrolled')
    const { code, output } = await smoke('--url', service.url, '--token', token)
    expect(output).toContain('✗ enrollment: the token’s subject has MFA on')
    expect(code).toBe(1)
    expect(await statusOf(token)).toMatchObject({ enabled: true })
  })

  it('touches nobody who is turning MFA on', async () => {
    const token = await tokenOf('smoke-pending')
    await call(service.url, { path: '/setup', token, body: {} })
    const { code, output } = await smoke('--url', service.url, '--token', token)
    expect(output).toContain('or is turning it on')
    expect(code).toBe(1)
    expect(await statusOf(token)).toMatchObject({ pending: { expires_at: expect.any(String) } })
  })

  it('fails with a token for another audience, and names what a token is looked at for', async () => {
    const token = await tokenOf('smoke', { AUTH_AUDIENCE: 'another-service' })
    const { code, output } = await smoke('--url', service.url, '--token', token)
    expect(output).toMatch(/✗ enrollment: the token is refused.*AUTH_AUDIENCE.*under request [0-9a-f-]{36}/)
    expect(output).not.toContain(token)
    expect(code).toBe(1)
  })

  it('fails where a step does not hold, and names it', async () => {
    const other = await startAnswers({ '/health': { status: 200, body: { status: 'ok' } } })
    const { code, output } = await smoke('--url', other.url)
    await other.close()
    expect(output).toContain('✓ health: configured and answering')
    expect(output).toContain('✗ a bad token: 401 with error="invalid_token": answered 404')
    expect(code).toBe(1)
  })

  it('fails where nobody answers', async () => {
    const { code, output } = await smoke('--url', `http://127.0.0.1:${await freePort()}`)
    expect(output).toContain('✗ health: configured and answering: no answer')
    expect(code).toBe(1)
  })

  it.each([[], ['--url', 'http://mfa.example.com'], ['--url', 'https://mfa.example.com/path']])(
    'says how it is used when there is no origin with TLS (%s %s)',
    async (...args) => {
      const { code, output } = await smoke(...args.filter(Boolean), '--token', 'secret-token')
      expect(output).toContain('npm run smoke -- --url')
      expect(code).toBe(1)
    },
  )

  it('takes an option that there is not for a mistake', async () => {
    expect(await smoke('--uri', service.url)).toMatchObject({ code: 1, output: expect.stringContaining('--uri') })
  })
})
