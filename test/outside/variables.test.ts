import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkSizes, checkVariables } from '../../operator/doctor/variable-checks.ts'
import { assertVariables } from '../../scripts/checks/deploy.ts'

const PLANTED = 'planted'
const ISSUERS = JSON.stringify([{ issuer: 'https://a.example', audience: 'a', hs256_secret: PLANTED }])

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-mfa-variables-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A wrangler.toml whose production has these variables. */
async function withVariables(...lines: readonly string[]): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.toml`)
  await writeFile(
    path,
    `name = "x"\nmain = "x.ts"\ncompatibility_date = "2026-08-15"\n[env.production.vars]\n${lines.join('\n')}`,
  )
  return path
}

async function findings(...lines: readonly string[]): Promise<readonly string[]> {
  const found = checkVariables({ config: await withVariables(...lines), env: 'production' })
  expect(JSON.stringify(found)).not.toContain(PLANTED)
  return found.map(({ code, found: what }) => `${code} ${what}`)
}

describe('the variables of a deployment', () => {
  it('may hold settings that are no secrets', async () => {
    expect(await findings('AUTH_ISSUER = "https://a.example"', 'PAGE_ENABLED = true')).toEqual([])
  })

  it.each(['TURSO_AUTH_TOKEN', 'AUTH_HS256_SECRET', 'MFA_KEYS', 'STEP_UP_PRIVATE_JWK', 'WEBHOOK_SECRET'])(
    'must not hold the secret %s',
    async (name) => {
      expect(await findings(`${name} = "${PLANTED}"`)).toEqual([`secret-in-vars env.production.vars.${name}`])
    },
  )

  it('must not hold a list of issuers with a shared secret, as text or as a table', async () => {
    const expected = (name: string) => [`secret-in-vars env.production.vars.${name}`]
    expect(await findings(`AUTH_ISSUERS = '${ISSUERS}'`)).toEqual(expected('AUTH_ISSUERS'))
    const table = `AUTH_ISSUERS_2 = [{ issuer = "a", hs256_secret = "${PLANTED}" }]`
    expect(await findings(table)).toEqual(expected('AUTH_ISSUERS_2'))
  })

  it('must fit into a variable of a Worker, counted in bytes', async () => {
    expect(await findings(`AUTH_ISSUERS = "${'x'.repeat(5_000)}"`)).toEqual([])
    expect(await findings(`AUTH_ISSUERS = "${'ü'.repeat(2_501)}"`)).toEqual([
      'variable-large env.production.vars.AUTH_ISSUERS: 5002 bytes',
    ])
  })

  it('are checked together by check:deploy', async () => {
    const config = await withVariables(`MFA_KEYS = "${PLANTED}"`, `AUTH_ISSUERS = "${'x'.repeat(6_000)}"`)
    expect(() => assertVariables(config, ['', 'production'])).toThrow(/AUTH_ISSUERS: 6000 bytes.*vars\.MFA_KEYS/s)
  })
})

describe('settings in a file', () => {
  it('must fit into a variable or secret as well', () => {
    const found = checkSizes({ AUTH_ISSUERS: 'x'.repeat(5_001), AUTH_ISSUERS_2: 'x' })
    expect(found).toMatchObject([{ code: 'variable-large', found: 'AUTH_ISSUERS: 5001 bytes', severity: 'error' }])
  })
})
