import { base64urlnopad } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { environment, KEY_SET, PUBLIC_JWK, SIGNING_KEY } from './support/environment.ts'
import { SECRETS } from './support/secrets.ts'

const PLANTED = 'planted'
const WEBHOOK_SECRET = `whsec_${btoa('planted-webhook-secret-24')}`
const KEY = { crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) }

function faultsOf(overrides: Readonly<Record<string, unknown>>) {
  const loaded = loadConfig(environment(overrides))
  return loaded.ok ? [] : loaded.failure
}

function namesOf(overrides: Readonly<Record<string, unknown>>): string[] {
  return faultsOf(overrides).map(({ name }) => name)
}

describe('a missing setting', () => {
  it.each([
    'PUBLIC_URL',
    'TURSO_DATABASE_URL',
    'AUTH_ISSUER',
    'AUTH_AUDIENCE',
    'MFA_KEYS',
    'MFA_ISSUER',
    'STEP_UP_PRIVATE_JWK',
    'STEP_UP_AUDIENCE',
  ])('is a fault by its name: %s', (name) => {
    expect(faultsOf({ [name]: undefined })).toContainEqual({ name, message: 'is missing' })
  })

  it('is told beside all others', () => {
    const loaded = loadConfig({})
    expect(new Set(loaded.ok ? [] : loaded.failure.map(({ name }) => name))).toEqual(
      new Set([
        'PUBLIC_URL',
        'TURSO_DATABASE_URL',
        'TURSO_AUTH_TOKEN',
        'AUTH_ISSUER',
        'AUTH_AUDIENCE',
        'AUTH_JWKS_URL',
        'MFA_KEYS',
        'MFA_ISSUER',
        'STEP_UP_PRIVATE_JWK',
        'STEP_UP_AUDIENCE',
      ]),
    )
  })
})

/** Values that a setting does not take; `planted` marks what must not be repeated. */
const MALFORMED: Readonly<Record<string, readonly unknown[]>> = {
  PUBLIC_URL: [`https://${PLANTED}.example/path`, `https://u:${PLANTED}@mfa.example`, `https://mfa.example?${PLANTED}`],
  TURSO_DATABASE_URL: [`postgres://${PLANTED}`, `file:${PLANTED}.db`, PLANTED, `http://${PLANTED}.example`],
  AUTH_HS256_SECRET: [
    PLANTED,
    btoa(`${PLANTED}-of-31-bytes-0123456789`),
    base64urlnopad.encode(new Uint8Array(32)),
    base64urlnopad.encode(new TextEncoder().encode('secretsecret'.repeat(4))),
    base64urlnopad.encode(new TextEncoder().encode('abcdefghijk'.repeat(3))),
    `${SECRETS.hs256}=`,
    `${SECRETS.hs256} ${PLANTED}`,
  ],
  AUTH_ALGORITHMS: ['none', PLANTED, 'HS512', 'hs256', 'HS256,RS256', 'HS256 HS256', ',', [PLANTED]],
  AUTH_MAX_LIFETIME_SECONDS: [PLANTED, '0', '-1', '1.5', '1e3', ' 60', '0x10', '99999999999', 0, -1, 1.5, Number.NaN],
  ENROLL_MAX_AGE_SECONDS: [PLANTED, '0', '5 minutes', 0],
  EVENT_RETENTION_DAYS: [PLANTED, '0', '-400', true],
  MFA_KEYS: [
    PLANTED,
    ',',
    `k1:${PLANTED}`,
    SECRETS.master,
    `:${SECRETS.master}`,
    `k1=${SECRETS.master}`,
    `k1:${SECRETS.master}A`,
    `k1:${SECRETS.master}=`,
    `k1:${SECRETS.master},k1:${SECRETS.otherMaster}`,
    `k1:${SECRETS.master},${PLANTED}`,
    `k.1:${SECRETS.master}`,
    `${'k'.repeat(33)}:${SECRETS.master}`,
  ],
  MFA_ISSUER: [`${PLANTED}: App`, `${PLANTED}${'x'.repeat(64)}`, `${PLANTED}\n`, `${PLANTED}\0`],
  STEP_UP_PRIVATE_JWK: [
    PLANTED,
    `{"kty":"${PLANTED}`,
    '{}',
    '[]',
    'null',
    JSON.stringify(PUBLIC_JWK),
    JSON.stringify({ ...KEY, kty: PLANTED, d: 'd'.repeat(43) }),
    JSON.stringify({ ...KEY, kty: 'EC', crv: 'P-384', d: 'd'.repeat(43) }),
    JSON.stringify({ ...KEY, kty: 'EC', d: PLANTED }),
    JSON.stringify({ ...KEY, kty: 'EC', d: 7 }),
  ],
  STEP_UP_EXTRA_JWKS: [
    PLANTED,
    '{"keys":[]}',
    '{"keys":{}}',
    `{"keys":["${PLANTED}"]}`,
    `{"keys":[${SIGNING_KEY}]}`,
    JSON.stringify({ keys: [{ kty: 'oct', k: PLANTED }] }),
    JSON.stringify({ keys: [{ kty: 'RSA', n: PLANTED, e: 'AQAB' }] }),
    JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: PLANTED }] }),
    JSON.stringify(PUBLIC_JWK),
  ],
  CORS_ORIGINS: [
    '*',
    'null',
    PLANTED,
    `https://a.example,${PLANTED}`,
    `https://a.example/${PLANTED}`,
    'http://a.example',
  ],
  PAGE_ENABLED: [PLANTED, 'yes', 'TRUE', 2],
}

describe('a malformed setting', () => {
  const cases = Object.entries(MALFORMED).flatMap(([name, values]) => values.map((value) => ({ name, value })))

  it.each(cases)('is a fault by its name, and its value is repeated nowhere: $name $value', ({ name, value }) => {
    const faults = faultsOf({ [name]: value })
    expect(new Set(faults.map((fault) => fault.name))).toEqual(new Set([name]))
    const told = JSON.stringify(faults)
    expect(told).not.toContain(PLANTED)
    expect(told).not.toContain(String(value).length > 12 ? String(value) : PLANTED)
    for (const secret of Object.values(SECRETS)) expect(told).not.toContain(secret)
  })

  it.each([
    PLANTED,
    '{"keys":[]}',
    `{"keys":[${SIGNING_KEY}]}`,
    JSON.stringify({ keys: [{ kty: 'oct', k: SECRETS.hs256 }] }),
    JSON.stringify({ keys: [{ kty: 'RSA', n: PLANTED, e: 'AQAB', d: PLANTED }] }),
    JSON.stringify({ keys: [{ kty: 'EC', crv: 'secp256k1', x: PLANTED, y: PLANTED }] }),
  ])('is a fault of AUTH_JWKS: no symmetric, private or other keys: %s', (value) => {
    const faults = faultsOf({ AUTH_HS256_SECRET: undefined, AUTH_JWKS: value })
    expect(new Set(faults.map(({ name }) => name))).toEqual(new Set(['AUTH_JWKS']))
    expect(JSON.stringify(faults)).not.toContain(PLANTED)
  })

  it.each([
    PLANTED,
    ',',
    `whsec_${btoa('planted-too-short')}`,
    `whsec_${btoa('x'.repeat(65))}`,
    'whsec_',
    'whsec_%%%%',
    WEBHOOK_SECRET.replace('whsec_', ''),
    `${WEBHOOK_SECRET},${WEBHOOK_SECRET},${WEBHOOK_SECRET}`,
    `${WEBHOOK_SECRET},${PLANTED}`,
  ])('is a fault of WEBHOOK_SECRET: %s', (value) => {
    const faults = faultsOf({ WEBHOOK_URL: 'https://hooks.example', WEBHOOK_SECRET: value })
    expect(faults.map(({ name }) => name)).toEqual(['WEBHOOK_SECRET'])
    expect(JSON.stringify(faults)).not.toContain(value.length > 8 ? value : PLANTED)
  })

  it('is told beside all others, each once', () => {
    const malformed = Object.entries(MALFORMED).map(([name, [value]]) => [name, value] as const)
    const names = namesOf(Object.fromEntries(malformed))
    expect(names.toSorted()).toEqual(Object.keys(MALFORMED).toSorted())
  })
})

describe('settings that exclude, need or equal one another', () => {
  const URL_OF_KEYS = { AUTH_JWKS_URL: 'https://issuer.example/jwks' }

  it.each<[string, Record<string, unknown>, string]>([
    ['no keys', { AUTH_HS256_SECRET: undefined }, 'AUTH_JWKS_URL'],
    ['a secret and a URL', URL_OF_KEYS, 'AUTH_JWKS_URL'],
    ['a secret and a set', { AUTH_JWKS: KEY_SET }, 'AUTH_JWKS_URL'],
    ['a URL and a set', { AUTH_HS256_SECRET: undefined, ...URL_OF_KEYS, AUTH_JWKS: KEY_SET }, 'AUTH_JWKS_URL'],
    [
      'HS256 with a key set',
      { AUTH_HS256_SECRET: undefined, ...URL_OF_KEYS, AUTH_ALGORITHMS: 'RS256,HS256' },
      'AUTH_ALGORITHMS',
    ],
    ['RS256 with a secret', { AUTH_ALGORITHMS: 'RS256' }, 'AUTH_ALGORITHMS'],
    ['a webhook without a secret', { WEBHOOK_URL: 'https://hooks.example' }, 'WEBHOOK_SECRET'],
    ['a webhook secret without a URL', { WEBHOOK_SECRET }, 'WEBHOOK_SECRET'],
    ['step-up tokens by the issuer of access tokens', { STEP_UP_ISSUER: 'https://issuer.example' }, 'STEP_UP_ISSUER'],
    ['the same by default', { AUTH_ISSUER: 'https://mfa.example' }, 'STEP_UP_ISSUER'],
    ['the same by default, spelled otherwise', { PUBLIC_URL: 'https://ISSUER.example/' }, 'STEP_UP_ISSUER'],
    ['step-up tokens for the audience of access tokens', { STEP_UP_AUDIENCE: 'edge-mfa' }, 'STEP_UP_AUDIENCE'],
    ['step-up tokens for their issuer', { STEP_UP_AUDIENCE: 'https://mfa.example' }, 'STEP_UP_AUDIENCE'],
    ['the same, spelled otherwise', { PUBLIC_URL: 'https://API.example/' }, 'STEP_UP_AUDIENCE'],
  ])('are a fault: %s', (_, overrides, name) => {
    expect(namesOf(overrides)).toEqual([name])
  })
})
