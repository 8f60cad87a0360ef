import { beforeAll, expect, it } from 'vitest'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { runToolWell } from '../../scripts/lib/tool.ts'
import { type SharedService, sharedService } from '../support/node/shared.ts'
import { codeOf } from '../support/phone.ts'

const START_TIMEOUT_MS = 100_000
/** No literal: the package is built only now, and its types are those of the source. */
const ENTRY: string = 'edge-mfa/client'

let service: SharedService

beforeAll(async () => {
  await runToolWell('tsc', ['-p', 'tsconfig.build.json'])
  service = await sharedService()
}, START_TIMEOUT_MS)

it('does its work in Node, as the package that is built', async () => {
  const { createMfaClient }: typeof import('../../client/client.ts') = await import(/* @vite-ignore */ ENTRY)
  const token = () => signAccessToken(service.settings, { sub: 'client-in-node', expiresInSeconds: 600 })
  const accessToken = await token()
  const client = createMfaClient({ url: service.url, token: () => accessToken })
  const setup = await client.setup({ name: 'Phone' })
  const verified = await client.verify(codeOf(setup.ok ? setup.value.secret : ''))
  expect(verified).toMatchObject({ ok: true, value: { backup_codes: { length: 10 } } })
  const [first = '', second = ''] = verified.ok ? verified.value.backup_codes : []
  expect(await client.challenge({ backup_code: first })).toMatchObject({ ok: true, value: { token_type: 'Bearer' } })
  expect(await client.disable({ code: '12' })).toMatchObject({ ok: false, problem: { name: 'invalid-request' } })
  expect(await client.disable({ backup_code: second })).toMatchObject({ ok: true })
  expect(await client.status()).toMatchObject({ ok: true, value: { enabled: false } })
})
