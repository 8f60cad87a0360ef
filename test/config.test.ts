import { base64urlnopad } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { loadConfig, SETTING_NAMES } from '../src/config.ts'
import { environment, KEY_SET, PUBLIC_JWK, SIGNING_KEY } from './support/environment.ts'
import { SECRETS } from './support/secrets.ts'

const WEBHOOK_SECRET = `whsec_${btoa('planted-webhook-secret-24')}`

function load(overrides: Readonly<Record<string, unknown>> = {}) {
  const loaded = loadConfig(environment(overrides))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure))
  return loaded.value
}

/** The issuer that the settings of a single one describe. */
function loadIssuer(overrides: Readonly<Record<string, unknown>> = {}) {
  const [issuer, ...others] = load(overrides).issuers
  if (issuer === undefined || others.length > 0) throw new Error('not one issuer')
  return issuer
}

function faultsOf(overrides: Readonly<Record<string, unknown>>): string[] {
  const loaded = loadConfig(environment(overrides))
  return loaded.ok ? [] : loaded.failure.map(({ name }) => name)
}

describe('loadConfig', () => {
  it('fills in the defaults', () => {
    expect(load()).toMatchObject({
      STEP_UP_ISSUER: 'https://mfa.example',
      corsOrigins: [],
      EVENT_RETENTION_DAYS: 400,
      PAGE_ENABLED: false,
    })
    expect(loadIssuer()).toEqual({
      iss: 'https://issuer.example',
      audience: 'edge-mfa',
      keys: { kind: 'secret', secret: new Uint8Array(base64urlnopad.decode(SECRETS.hs256)) },
      algorithms: ['HS256'],
      maxLifetimeSeconds: 86_400,
      subjectIssuer: 'https://issuer.example',
      privileged: true,
      mfaIssuer: 'Example',
      accountClaim: undefined,
      stepUpAudience: 'https://api.example',
      enrollMaxAgeSeconds: undefined,
      corsOrigins: [],
    })
  })

  it.each([{ AUTH_JWKS_URL: 'https://issuer.example/jwks' }, { AUTH_JWKS: KEY_SET }])(
    'allows the four algorithms of a key set by default: %j',
    (keys) => {
      const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']
      expect(loadIssuer({ AUTH_HS256_SECRET: undefined, ...keys }).algorithms).toEqual(algorithms)
    },
  )

  it('decodes what is encoded', () => {
    const config = load({
      MFA_KEYS: `k2:${SECRETS.otherMaster}, k1:${SECRETS.master}`,
      CORS_ORIGINS: 'https://a.example, http://localhost:3000',
      STEP_UP_EXTRA_JWKS: KEY_SET,
      WEBHOOK_URL: 'https://hooks.example/mfa',
      WEBHOOK_SECRET: `${WEBHOOK_SECRET},${WEBHOOK_SECRET}`,
    })
    expect(config.MFA_KEYS.map(({ id }) => id)).toEqual(['k2', 'k1'])
    expect(config.MFA_KEYS[1]?.bytes).toEqual(new Uint8Array(base64urlnopad.decode(SECRETS.master)))
    expect(config.corsOrigins).toEqual(['https://a.example', 'http://localhost:3000'])
    expect(config.STEP_UP_EXTRA_JWKS?.keys).toEqual([PUBLIC_JWK])
    expect(config.WEBHOOK_SECRET).toHaveLength(2)
  })

  it('reads numbers, flags and tables as wrangler.toml spells them', () => {
    const config = load({
      AUTH_MAX_LIFETIME_SECONDS: 600,
      ENROLL_MAX_AGE_SECONDS: '300',
      PAGE_ENABLED: true,
      STEP_UP_PRIVATE_JWK: JSON.parse(SIGNING_KEY),
      STEP_UP_EXTRA_JWKS: JSON.parse(KEY_SET),
    })
    expect(config.PAGE_ENABLED).toBe(true)
    expect(config.issuers).toMatchObject([{ maxLifetimeSeconds: 600, enrollMaxAgeSeconds: 300 }])
    expect(config.STEP_UP_PRIVATE_JWK).toMatchObject({ crv: 'P-256' })
  })

  it.each([
    { value: 'true', expected: true },
    { value: '1', expected: true },
    { value: 'false', expected: false },
    { value: '0', expected: false },
    { value: false, expected: false },
  ])('reads the flag $value as $expected', ({ value, expected }) => {
    expect(load({ PAGE_ENABLED: value }).PAGE_ENABLED).toBe(expected)
  })

  it('ignores members that it does not know', () => {
    const config = load({ SUBJECT_LIMIT: { limit: () => undefined }, NODE_ENV: 'test' })
    expect(Object.keys(config)).not.toContain('SUBJECT_LIMIT')
    expect(Object.keys(config)).not.toContain('NODE_ENV')
  })

  it.each(SETTING_NAMES)('takes an empty %s for an absent one', (name) => {
    const outcome = (value: unknown) => loadConfig(environment({ [name]: value }))
    expect(outcome('')).toEqual(outcome(undefined))
    expect(outcome(null)).toEqual(outcome(undefined))
  })
})

describe('TLS', () => {
  const LOOPBACK = ['http://localhost:8787', 'http://127.0.0.1:8787', 'http://[::1]:8787', 'http://127.1.2.3']

  it.each(LOOPBACK)('is not asked for on loopback: %s', (url) => {
    const keys = { AUTH_HS256_SECRET: undefined, AUTH_JWKS_URL: `${url}/jwks` }
    expect(load({ PUBLIC_URL: url, TURSO_DATABASE_URL: url, ...keys }).PUBLIC_URL).toBe(url)
  })

  it.each([
    'http://mfa.example',
    'http://localhost.example',
    'http://127.0.0.1.example',
    'http://10.0.0.1',
    'http://0.0.0.0',
    'http://localhost@evil.example',
    'ws://localhost',
    'ftp://localhost',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//mfa.example',
    'mfa.example',
  ])('is asked for elsewhere: %s', (url) => {
    expect(faultsOf({ PUBLIC_URL: url })).toContain('PUBLIC_URL')
    expect(faultsOf({ TURSO_DATABASE_URL: url })).toContain('TURSO_DATABASE_URL')
    expect(faultsOf({ AUTH_HS256_SECRET: undefined, AUTH_JWKS_URL: url })).toContain('AUTH_JWKS_URL')
    expect(faultsOf({ CORS_ORIGINS: url })).toContain('CORS_ORIGINS')
    expect(faultsOf({ WEBHOOK_URL: url, WEBHOOK_SECRET })).toContain('WEBHOOK_URL')
  })

  it('cannot be turned off by the URL of the database', () => {
    for (const url of ['libsql://mfa.turso.io:80?tls=0', 'libsql://mfa.turso.io:80?tls=1&tls=0', 'libsql://']) {
      expect(faultsOf({ TURSO_DATABASE_URL: url })).toEqual(['TURSO_DATABASE_URL'])
    }
    for (const rest of ['?foo=1', '?authToken=x', '#x']) {
      expect(faultsOf({ TURSO_DATABASE_URL: `https://mfa.turso.io/${rest}` })).toEqual(['TURSO_DATABASE_URL'])
    }
    expect(faultsOf({ TURSO_DATABASE_URL: 'https://a:b@mfa.turso.io' })).toEqual(['TURSO_DATABASE_URL'])
  })

  it('a database on loopback needs no token, any other does', () => {
    const tokenless = { TURSO_AUTH_TOKEN: undefined }
    expect(faultsOf({ ...tokenless, TURSO_DATABASE_URL: 'http://127.0.0.1:8080' })).toEqual([])
    expect(faultsOf({ ...tokenless, TURSO_DATABASE_URL: 'https://mfa.turso.io' })).toEqual(['TURSO_AUTH_TOKEN'])
    expect(faultsOf(tokenless)).toEqual(['TURSO_AUTH_TOKEN'])
  })
})
