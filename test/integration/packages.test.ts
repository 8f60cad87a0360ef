import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPackages, npm } from '../../scripts/lib/packages.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { ROOT } from '../../scripts/lib/tool.ts'
import { type Installed, install, nodeTwenty } from '../support/node/installed.ts'

const START_TIMEOUT_MS = 180_000
const OTPAUTH = join(ROOT, 'node_modules/otpauth/dist/otpauth.node.mjs')
const NO_NODE_20 = 'there is no Node.js 20 on the PATH'

const node20 = await nodeTwenty()
const RUNTIMES = [
  { runtime: 'Node.js 20', node: node20 },
  { runtime: 'Node.js 24', node: process.execPath },
]

let target: string
let tarballs: Awaited<ReturnType<typeof buildPackages>>

beforeAll(async () => {
  target = await mkdtemp(join(tmpdir(), 'edge-mfa-packages-'))
  tarballs = await buildPackages(target)
}, START_TIMEOUT_MS)

afterAll(async () => {
  await rm(target, { recursive: true, force: true })
})

describe('@edge-mfa/client, installed in an empty folder', () => {
  let service: LocalService
  let installed: Installed

  beforeAll(async () => {
    installed = await install([tarballs.client])
    service = await startLocalService()
  }, START_TIMEOUT_MS)

  afterAll(async () => {
    await service.end()
    await installed.end()
  })

  const argumentsFor = async (sub: string) => {
    const token = await signAccessToken(service.settings, { sub, expiresInSeconds: 600 })
    return [service.url, token, OTPAUTH]
  }

  it.for(RUNTIMES)('does its work under $runtime', async ({ runtime, node }, context) => {
    if (node === undefined) return context.skip(NO_NODE_20)
    expect(await installed.run(node, 'client.mjs', await argumentsFor(runtime))).toBe('ok')
  })

  it('does its work from a bundle', async () => {
    expect(await installed.runBundled('client.mjs', await argumentsFor('bundled'))).toBe('ok')
  })

  it('has types', async () => {
    await installed.compile(`
      import { createMfaClient, type Status } from '@edge-mfa/client'
      const result = await createMfaClient({ url: 'https://mfa.example.com', token: () => '' }).status()
      export const status: Status | undefined = result.ok ? result.value : undefined
    `)
    await expect(installed.compile("import { nothing } from '@edge-mfa/client'\nnothing()")).rejects.toThrow()
  })
})

describe('@edge-mfa/verify, installed in an empty folder with jose', () => {
  let installed: Installed

  beforeAll(async () => {
    // jose comes from the tree of the project, so that the test needs no network.
    const jose = join(target, 'jose')
    await mkdir(jose)
    await npm(['pack', join(ROOT, 'node_modules/jose'), '--pack-destination', jose], target)
    const [tarball = ''] = await readdir(jose)
    installed = await install([tarballs.verify, join(jose, tarball)])
  }, START_TIMEOUT_MS)

  afterAll(async () => {
    await installed.end()
  })

  it.for(RUNTIMES)('verifies tokens under $runtime', async ({ node }, context) => {
    if (node === undefined) return context.skip(NO_NODE_20)
    expect(await installed.run(node, 'verify.mjs')).toBe('ok')
  })

  it('verifies tokens from a bundle', async () => {
    expect(await installed.runBundled('verify.mjs')).toBe('ok')
  })

  it('has types', async () => {
    await installed.compile(`
      import { createStepUpVerifier, memoryStore, type StepUpErrorCode } from '@edge-mfa/verify'
      export const code: StepUpErrorCode = 'replayed'
      const options = { serviceUrl: 'https://mfa.example.com', audience: 'api', maxAge: 300, singleUse: memoryStore() }
      const claims = await createStepUpVerifier(options).verify('', { iss: '', sub: '' })
      export const sub: string = claims.sub
    `)
  })
})

describe('@edge-mfa/elements, installed in an empty folder', () => {
  let installed: Installed

  beforeAll(async () => {
    installed = await install([tarballs.elements])
  }, START_TIMEOUT_MS)

  afterAll(async () => {
    await installed.end()
  })

  it.for(RUNTIMES)('defines nothing and throws nothing under $runtime', async ({ node }, context) => {
    if (node === undefined) return context.skip(NO_NODE_20)
    expect(await installed.run(node, 'elements.mjs')).toBe('ok')
  })

  it('is in a bundle that imports it for its definitions alone', async () => {
    const stdin = { contents: "import '@edge-mfa/elements'", resolveDir: installed.folder }
    const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false })
    expect(outputFiles[0]?.text).toContain('.define(')
  })

  it('has types', async () => {
    await installed.compile(`
      import { EdgeMfaChallenge, type Verified } from '@edge-mfa/elements'
      export const element: EdgeMfaChallenge = document.createElement('edge-mfa-challenge')
      element.addEventListener('edge-mfa-verified', (event) => event.detail satisfies Verified)
    `)
  })
})
