import { spawn, spawnSync } from 'node:child_process'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../../scripts/lib/tool.ts'
import { type Block, blocksIn, readDocument } from '../support/node/markdown.ts'
import { missingPrograms } from '../support/node/programs.ts'
import { type SharedService, sharedService } from '../support/node/shared.ts'

const START_TIMEOUT_MS = 100_000
const EXAMPLE_TIMEOUT_MS = 120_000
/** Where the README finds the service. */
const ADDRESS = 'http://127.0.0.1:8787'
/** A block without a mark is run here, in order; an example each line alone; the others not at all. */
const MARKS = ['', 'example', 'start', 'needs-account']

const missing = missingPrograms('curl', 'jq', 'oathtool')
const blocks = shellBlocks(await readDocument('README.md'))
const others = [...shellBlocks(await readDocument('docs/step-up.md'))]

describe('the shell blocks of the README', () => {
  let service: SharedService

  beforeAll(async () => {
    service = await sharedService()
  }, START_TIMEOUT_MS)

  it('are run in order, and each answers what is written above it', async (ctx) => {
    if (missing !== undefined) return ctx.skip(missing)
    const script = [...marked(''), 'echo "\\"$STEP_UP\\""'].join('\n').replaceAll(ADDRESS, service.url)
    const { code, stdout, stderr } = await bash(script)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [status, verified, shown, token, ...more] = jsonValues(stdout)
    expect(status).toMatchObject({ enabled: false, pending: null })
    expect(verified).toMatchObject({ success: true, message: 'MFA enabled' })
    expect(Object(verified).backup_codes).toHaveLength(10)
    expect(shown).toMatchObject({ sub: 'bob', acr: 'urn:edge-mfa:acr:mfa', amr: ['otp', 'mfa'] })
    expect(await claimsOf(service, String(token))).toEqual(shown)
    expect(more).toEqual([])
  })

  it('have no other marks than those known here', () => {
    const marks = [...blocks, ...others].map(({ mark }) => mark)
    expect(marks.filter((mark) => !MARKS.includes(mark))).toEqual([])
  })

  it('are marked where they need an account, and only there', () => {
    expect(marked('').filter((text) => /wrangler|deploy|turso/i.test(text))).toEqual([])
    expect(marked('needs-account').filter((text) => !/wrangler|deploy|turso/i.test(text))).toEqual([])
  })

  it('start with the two commands of which the README speaks first', () => {
    expect(marked('start').join('')).toMatch(/^npm ci && npm run dev .*\nnpm ci && npm test .*\n$/)
  })
})

describe('the examples', () => {
  const commands = [...marked('example'), ...others.filter(({ mark }) => mark === 'example').map(({ text }) => text)]
  const lines = new Set(commands.flatMap((text) => text.trim().split('\n')).map((line) => line.replace(/ +#.*/, '')))

  it.each([...lines])(
    '%s shows who is let in and who is refused, and ends well',
    async (line) => {
      const { code, stdout } = await bash(line)
      expect(stdout).toMatch(/^✓ refused: /m)
      expect(stdout).toMatch(/Every step held\.\n$/)
      expect(code).toBe(0)
    },
    EXAMPLE_TIMEOUT_MS,
  )
})

function shellBlocks(text: string): readonly Block[] {
  return blocksIn(text).filter(({ language }) => language === 'sh')
}

function marked(mark: string): readonly string[] {
  return blocks.filter((block) => block.mark === mark).map(({ text }) => text)
}

/** Runs a script as a person would who stops at the first command that fails. */
async function bash(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-c', `set -euo pipefail\n${script}`], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      output[name] += chunk
    })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, ...output }
}

/** The values that jq printed one after the other. */
function jsonValues(text: string): readonly unknown[] {
  const { stdout } = spawnSync('bash', ['-c', 'jq -s -c .'], { input: text, encoding: 'utf8' })
  return JSON.parse(stdout) as readonly unknown[]
}

async function claimsOf({ url, settings }: SharedService, token: string): Promise<object> {
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', url))
  const audience = settings['STEP_UP_AUDIENCE'] ?? ''
  const { payload } = await jwtVerify(token, keys, { issuer: url, audience, typ: 'mfa-stepup+jwt' })
  return payload
}
