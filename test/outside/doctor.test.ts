import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type InValue } from '@libsql/client/http'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examine } from '../../operator/doctor/examine.ts'
import type { Target } from '../../operator/doctor/target.ts'
import { applyMigrations } from '../../operator/migrations.ts'
import { freePort } from '../../scripts/lib/process.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'
import { formatSettings, freshSecrets, type Settings } from '../../scripts/lib/settings.ts'
import { startSqld } from '../../scripts/lib/sqld.ts'
import { startAnswers } from '../support/node/answers.ts'
import { enroll } from '../support/node/enroll.ts'

const START_TIMEOUT_MS = 100_000
const HOUR_MS = 3_600_000
const WRANGLER = { config: 'wrangler.toml', env: 'production' }
const P256 = { kty: 'EC', crv: 'P-256' }

let folder: string
let databaseUrl: string
let database: Awaited<ReturnType<typeof startSqld>>
let service: LocalService
let healthy: Settings
let others: Awaited<ReturnType<typeof startAnswers>>
let fresh: Awaited<ReturnType<typeof freshSecrets>>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-mfa-doctor-'))
  database = await startSqld({ folder: join(folder, 'database'), port: await freePort() })
  databaseUrl = database.url
  await applyMigrations({ url: databaseUrl })
  service = await startLocalService({ TURSO_DATABASE_URL: databaseUrl })
  healthy = { ...service.settings, PUBLIC_URL: service.url }
  fresh = await freshSecrets()
  await enroll(service, 'alice')
  const signing = JSON.parse(healthy['STEP_UP_PRIVATE_JWK'] ?? '')
  others = await startAnswers({
    '/keys': { status: 200, body: { keys: [publicPart(signing)] } },
    '/private': { status: 200, body: { keys: [signing] } },
    '/short': { status: 200, body: { keys: [shortRsaKey()] } },
    '/empty': { status: 200, body: { keys: [] } },
    '/page': { status: 200, body: '<html>' },
    '/moved': { status: 302, headers: { Location: '/keys' } },
    '/gone': { status: 410 },
    '/hook': { status: 405 },
  })
}, START_TIMEOUT_MS)

afterAll(async () => {
  await service.end()
  await others.close()
  await database.child.end()
  await rm(folder, { recursive: true, force: true })
})

function publicPart({ x, y }: { x: string; y: string }) {
  return { ...P256, x, y }
}

function shortRsaKey() {
  return generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
}

/** The codes of what the doctor finds. */
async function diagnose(settings: Settings, options: Partial<Target> = {}): Promise<readonly string[]> {
  const target = { settings: { ...healthy, ...settings }, isFile: true, wrangler: WRANGLER, now: Date.now, ...options }
  const { findings } = await examine(target)
  return findings.map(({ code }) => code)
}

async function query(sql: string, ...args: InValue[]): Promise<void> {
  await createClient({ url: databaseUrl }).execute({ sql, args })
}

/** Plants a fault by one statement, asks, and takes it away by another. */
async function planted(plant: string, options: { away: string; settings?: Settings }): Promise<readonly string[]> {
  await query(plant)
  try {
    return await diagnose(options.settings ?? {})
  } finally {
    await query(options.away)
  }
}

/** A key of the issuer in the place of the shared secret. */
function keySet(path: string): Settings {
  return { AUTH_HS256_SECRET: '', AUTH_JWKS_URL: `${others.url}${path}` }
}

function receiver(path: string): Settings {
  return { WEBHOOK_URL: `${others.url}${path}`, WEBHOOK_SECRET: fresh.WEBHOOK_SECRET }
}

/** As the local service, but public: what is asked of it goes to nobody. */
const PUBLIC = { PUBLIC_URL: 'https://mfa.invalid', STEP_UP_ISSUER: 'https://mfa.invalid', PAGE_ENABLED: '' }

describe('a healthy service', () => {
  it('has nothing to mend and nothing to know', async () => {
    expect(await diagnose({})).toEqual([])
  })

  it('has nothing to mend with a key set and a receiver either', async () => {
    expect(await diagnose({ ...keySet('/keys'), ...receiver('/hook') })).toEqual([])
  })
})

describe('settings at fault', () => {
  it('tells all that are missing or malformed at once', async () => {
    const faulty = { AUTH_ISSUER: '', AUTH_AUDIENCE: '', EVENT_RETENTION_DAYS: 'long' }
    expect(await diagnose(faulty)).toEqual(['setting-faulty', 'setting-faulty', 'setting-faulty'])
  })

  it('tells the database that the local settings leave out, and how to name it', async () => {
    expect(await diagnose({ TURSO_DATABASE_URL: '' })).toEqual(['database-unnamed'])
  })

  it('tells a name that is no setting', async () => {
    expect(await diagnose({ MFA_KEY: 'x' })).toEqual(['setting-unknown'])
  })

  it('tells a database on loopback and the page of a public service', async () => {
    const codes = await diagnose({ ...PUBLIC, PAGE_ENABLED: 'true' })
    expect(codes).toEqual(['address-local', 'page-public', 'service-unreachable'])
  })
})

describe('keys at fault', () => {
  const other = () => fresh.MFA_KEYS.split(':')[1] ?? ''
  const own = () => healthy['MFA_KEYS'] ?? ''
  const id = () => own().split(':')[0] ?? ''
  const signing = () => JSON.parse(healthy['STEP_UP_PRIVATE_JWK'] ?? '')
  const next = () => JSON.parse(fresh.STEP_UP_PRIVATE_JWK)

  it('tells a master key that was cut off', async () => {
    expect(await diagnose({ MFA_KEYS: `${own()},old:${other().slice(1)}` })).toEqual(['setting-faulty', 'key-length'])
  })

  it('tells a master key without an id', async () => {
    expect(await diagnose({ MFA_KEYS: other() })).toEqual(['setting-faulty', 'key-malformed'])
  })

  it('tells two master keys of one id', async () => {
    const codes = await diagnose({ MFA_KEYS: `${own()},${id()}:${other()}` })
    expect(codes).toEqual(['setting-faulty', 'key-id-twice'])
  })

  it('tells one master key under two ids', async () => {
    expect(await diagnose({ MFA_KEYS: `${own()},old:${own().split(':')[1]}` })).toEqual(['key-twice'])
  })

  it('tells a master key that is not random', async () => {
    const zeros = Buffer.alloc(32).toString('base64url')
    expect(await diagnose({ MFA_KEYS: `${own()},zero:${zeros}` })).toEqual(['key-weak'])
  })

  it('warns of a secret of the access tokens that is printable text, and tells one that is not random', async () => {
    const secret = (bytes: Buffer) => ({ AUTH_HS256_SECRET: bytes.toString('base64url') })
    expect(await diagnose(secret(Buffer.from('0123456789abcdef'.repeat(4))))).toEqual(['key-printable'])
    expect(await diagnose(secret(Buffer.from('\0\x01\x02\x03\x04\x05\x06\x07\b\t\n\v'.repeat(3))))).toEqual([
      'key-weak',
    ])
    expect(await diagnose(secret(Buffer.alloc(32, 7)))).toEqual(['setting-faulty'])
  })

  it('tells a master key that is also the secret of the access tokens', async () => {
    expect(await diagnose({ MFA_KEYS: `${own()},old:${healthy['AUTH_HS256_SECRET']}` })).toEqual(['key-shared'])
  })

  it('tells more master keys than the cron looks at', async () => {
    const secrets = await Promise.all(Array.from({ length: 5 }, () => freshSecrets()))
    const keys = secrets.map(({ MFA_KEYS }) => MFA_KEYS)
    expect(await diagnose({ MFA_KEYS: [own(), ...keys].join(',') })).toEqual(['keys-many'])
  })

  it('tells a signing key whose public part is another one’s', async () => {
    const torn = { ...signing(), x: next().x, y: next().y }
    const codes = await diagnose({ STEP_UP_PRIVATE_JWK: JSON.stringify(torn) })
    expect(codes).toEqual(['signing-key-torn', 'signing-key-unpublished'])
  })

  it('tells a signing key that is not published yet', async () => {
    expect(await diagnose({ STEP_UP_PRIVATE_JWK: fresh.STEP_UP_PRIVATE_JWK })).toEqual(['signing-key-unpublished'])
  })

  it('tells a signing key that is published twice', async () => {
    const extra = JSON.stringify({ keys: [publicPart(signing())] })
    expect(await diagnose({ STEP_UP_EXTRA_JWKS: extra })).toEqual(['extra-key-is-signing-key'])
  })

  it('tells a further key that is no key', async () => {
    const extra = JSON.stringify({ keys: [publicPart({ x: next().x, y: next().x })] })
    expect(await diagnose({ STEP_UP_EXTRA_JWKS: extra })).toEqual(['extra-key-unusable'])
  })
})

describe('a database at fault', () => {
  const tokenOf = (claims: Record<string, unknown>, expiresAt: number) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(new Date(expiresAt))
      .sign(Buffer.alloc(32, 'database'))

  it('tells one that does not answer', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await diagnose({ TURSO_DATABASE_URL: url })).toEqual(['database-unreachable'])
  })

  it('tells one that refuses the token', async () => {
    const refusing = await startAnswers({ '/v2/pipeline': { status: 401 }, '/v3/pipeline': { status: 401 } })
    expect(await diagnose({ TURSO_DATABASE_URL: refusing.url })).toEqual(['database-token-refused'])
    await refusing.close()
  })

  it('tells a token that has expired, one that soon will, and one that may only read', async () => {
    const expired = await tokenOf({}, Date.now() - HOUR_MS)
    const expiring = await tokenOf({}, Date.now() + HOUR_MS)
    const readOnly = await tokenOf({ a: 'ro' }, Date.now() + 9_999 * HOUR_MS)
    expect(await diagnose({ TURSO_AUTH_TOKEN: expired })).toEqual(['database-token-expired'])
    expect(await diagnose({ TURSO_AUTH_TOKEN: expiring })).toEqual(['database-token-expiring'])
    expect(await diagnose({ TURSO_AUTH_TOKEN: readOnly })).toEqual(['database-token-read-only'])
  })

  it('tells an empty one', async () => {
    const empty = await startSqld({ folder: join(folder, 'empty'), port: await freePort() })
    const codes = await diagnose({ TURSO_DATABASE_URL: empty.url })
    expect([codes[0], codes[1]]).toEqual(['migrations-missing', 'schema-incomplete'])
    await empty.child.end()
  })

  it('tells migrations that nobody here knows', async () => {
    const plant = `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 1)`
    const away = `DELETE FROM __drizzle_migrations WHERE hash = 'later'`
    expect(await planted(plant, { away })).toEqual(['migrations-unknown'])
  })

  it('tells an index that was dropped', async () => {
    const away = 'CREATE INDEX event_at ON event (at)'
    expect(await planted('DROP INDEX event_at', { away })).toEqual(['schema-incomplete'])
  })
})

describe('rows at fault', () => {
  it('tells people whose issuer is not the configured one, before that is deployed', async () => {
    expect(await diagnose({ AUTH_ISSUER: 'https://issuer.example/' })).toEqual(['issuer-changed'])
  })

  it('compares rows with the subject issuers of all entries', async () => {
    const { AUTH_ISSUER: issuer = '', AUTH_AUDIENCE: audience, AUTH_HS256_SECRET: hs256_secret } = healthy
    const entry = { issuer: 'https://new.example', audience, hs256_secret }
    const listed = (...entries: readonly object[]) => ({
      ...{ AUTH_ISSUER: '', AUTH_AUDIENCE: '', AUTH_HS256_SECRET: '' },
      AUTH_ISSUERS: JSON.stringify(entries),
    })
    expect(await diagnose(listed(entry))).toEqual(['issuer-changed'])
    expect(await diagnose(listed(entry, { ...entry, issuer }))).toEqual([])
    expect(await diagnose(listed({ ...entry, subject_issuer: issuer }))).toEqual([])
  })

  it('tells rows of an earlier issuer without MFA as something to know', async () => {
    const plant = `INSERT INTO subject (issuer, sub, created_at) VALUES ('https://old.example', 'bob', 1)`
    const away = `DELETE FROM subject WHERE issuer = 'https://old.example'`
    expect(await planted(plant, { away })).toEqual(['issuer-foreign'])
  })

  it('tells secrets and backup codes under a key that the ring lacks', async () => {
    expect(await diagnose({ MFA_KEYS: fresh.MFA_KEYS })).toEqual(['key-missing', 'backup-code-key-missing'])
  })

  it('tells another key that took the id of the one which secrets are under', async () => {
    const [id] = (healthy['MFA_KEYS'] ?? '').split(':')
    expect(await diagnose({ MFA_KEYS: `${id}:${fresh.MFA_KEYS.split(':')[1]}` })).toEqual(['secrets-shut'])
  })

  it('tells codes that were accepted by a clock ahead of this one', async () => {
    const plant = 'UPDATE authenticator SET last_step = last_step + 1000'
    const away = 'UPDATE authenticator SET last_step = last_step - 1000'
    expect(await planted(plant, { away })).toEqual(['rows-from-the-future'])
  })
})

describe('jobs at fault', () => {
  const long = Date.now() - HOUR_MS
  const outbox = (nextAt: number | null) =>
    `INSERT INTO outbox (event_id, subject_id, sequence, created_at, next_at) VALUES ('e', 1, 1, 1, ${nextAt})`
  const away = 'DELETE FROM outbox'

  it('tells a cron that does not take away what has expired', async () => {
    const plant = `INSERT INTO verify_repeat (subject_id, sealed, mark, expires_at) VALUES (99, 'x', 'x', ${long})`
    const options = { away: 'DELETE FROM verify_repeat WHERE subject_id = 99' }
    expect(await planted(plant, options)).toEqual(['cron-local'])
    const inPublic = await planted(plant, { ...options, settings: PUBLIC })
    expect(inPublic).toEqual(['address-local', 'service-unreachable', 'cron-stopped'])
  })

  it('tells webhooks that are long due', async () => {
    expect(await planted(outbox(long), { away, settings: receiver('/hook') })).toEqual(['cron-local'])
  })

  it('tells webhooks that were given up, and those that nobody waits for any more', async () => {
    expect(await planted(outbox(null), { away, settings: receiver('/hook') })).toEqual(['deliveries-given-up'])
    expect(await planted(outbox(null), { away })).toEqual(['deliveries-orphaned'])
  })

  it('tells that deliveries are paused', async () => {
    const plant = 'INSERT INTO webhook_pause (id, paused_at) VALUES (1, 1)'
    const options = { away: 'DELETE FROM webhook_pause', settings: receiver('/hook') }
    expect(await planted(plant, options)).toEqual(['deliveries-paused'])
  })
})

describe('what is around, at fault', () => {
  it.each([
    ['a key set that is not there', '/nowhere', 'key-set-unreachable'],
    ['a key set that has moved', '/moved', 'key-set-unreachable'],
    ['a key set without a key', '/empty', 'key-set-unusable'],
    ['a key set whose one key is too short', '/short', 'key-set-unusable'],
    ['a page in the place of a key set', '/page', 'key-set-unusable'],
    ['a private key in the key set', '/private', 'key-set-private'],
  ])('tells %s', async (_, path, code) => {
    expect(await diagnose(keySet(path))).toEqual([code])
  })

  it('tells a key set that AUTH_ALGORITHMS cannot use', async () => {
    expect(await diagnose({ ...keySet('/keys'), AUTH_ALGORITHMS: 'RS256' })).toEqual(['key-set-unusable'])
  })

  it('tells our own key set in the place of the issuer’s', async () => {
    const own = { AUTH_HS256_SECRET: '', AUTH_JWKS_URL: `${service.url}/.well-known/jwks.json` }
    expect(await diagnose(own)).toEqual(['key-set-own'])
  })

  it('tells a receiver that is gone, has moved, or does not answer', async () => {
    expect(await diagnose(receiver('/gone'))).toEqual(['receiver-refuses'])
    expect(await diagnose(receiver('/moved'))).toEqual(['receiver-refuses'])
    const nobody = { ...receiver('/'), WEBHOOK_URL: `http://127.0.0.1:${await freePort()}/hook` }
    expect(await diagnose(nobody)).toEqual(['receiver-unreachable'])
  })

  it('tells another service at PUBLIC_URL, and nobody there', async () => {
    expect(await diagnose({ PUBLIC_URL: others.url })).toEqual(['service-unhealthy', 'service-elsewhere'])
    const nobody = `http://127.0.0.1:${await freePort()}`
    expect(await diagnose({ PUBLIC_URL: nobody })).toEqual(['service-unreachable'])
  })

  it('tells a clock that is two minutes off', async () => {
    const codes = await diagnose({}, { now: () => Date.now() + 120_000 })
    expect(new Set(codes)).toEqual(new Set(['clock-differs']))
  })
})

describe('wrangler.toml at fault', () => {
  it('tells an environment without cron, limits and metrics, and limits as wide as here', async () => {
    const base = 'name = "x"\nmain = "x.ts"\ncompatibility_date = "2026-08-15"\n'
    const limit = (name: string, most: number) =>
      `[[env.production.ratelimits]]\nname = "${name}"\nnamespace_id = "1"\nsimple = { limit = ${most}, period = 60 }\n`
    const config = join(folder, 'wrangler.toml')
    await writeFile(config, `${base}${limit('SUBJECT_LIMIT', 6000)}`)
    const codes = await diagnose({}, { wrangler: { config, env: 'production' } })
    expect(codes).toEqual(['cron-unset', 'limits-unset', 'limits-wide', 'metrics-unset'])
  })
})

describe('npm run doctor', () => {
  const doctor = async (settings: Settings, ...flags: string[]) => {
    const file = join(folder, 'settings')
    await writeFile(file, formatSettings({ ...healthy, ...settings }))
    const { PATH } = process.env
    return spawnSync(process.execPath, ['scripts/doctor.ts', '--env-file', file, ...flags], {
      encoding: 'utf8',
      env: { PATH },
    })
  }

  it('says which settings it looked at, and ends with 0 where nothing is to be mended', async () => {
    const { stdout, status } = await doctor({})
    expect(stdout).toBe(`Settings: ${join(folder, 'settings')}\nNo problems found.\n`)
    expect(status).toBe(0)
  })

  it('ends with 1 and explains each finding, by a cause and a fix', async () => {
    const { stdout, status } = await doctor({ AUTH_ISSUER: 'https://other.example' }, '--json')
    const { healthy: isHealthy, findings } = JSON.parse(stdout)
    expect([status, isHealthy]).toEqual([1, false])
    expect(findings).toEqual([
      expect.objectContaining({
        code: 'issuer-changed',
        severity: 'error',
        found: '1 subjects under https://issuer.example are reachable by no entry; 1 of them have MFA on',
        cause: expect.stringContaining('MFA looks off'),
        fix: expect.stringContaining('AUTH_ISSUER'),
      }),
    ])
  })

  it('repeats no secret, whatever is wrong', async () => {
    const secrets = { MFA_KEYS: `x:${'s3cret'.repeat(8)}`, TURSO_AUTH_TOKEN: 't0ken-value', ...receiver('/gone') }
    const { stdout, stderr } = await doctor({ ...secrets, AUTH_AUDIENCE: '' })
    expect(stdout).toContain('MFA_KEYS')
    const values = [...Object.values(secrets), healthy['AUTH_HS256_SECRET'], healthy['STEP_UP_PRIVATE_JWK']]
    for (const value of values) expect(`${stdout}${stderr}`).not.toContain(value)
  })
})
