import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import jwt from 'jsonwebtoken'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findIssuer, SECOND_ISSUER, withSecondIssuer } from '../../scripts/lib/issuers.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'
import { freshSecrets } from '../../scripts/lib/settings.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { loadConfig } from '../../src/config.ts'
import { environment } from '../support/environment.ts'
import { listen } from '../support/node/loopback.ts'

/* The service on workerd, with issuers that are another JWT library: two with key sets, one with a shared secret. */

const START_TIMEOUT_MS = 100_000
const STEADY = 'https://steady.example'
const FAILING = 'https://failing.example'
const SHARED = 'https://shared.example'
const KID = 'one'

const steadyKey = newKey()
const failingKey = newKey()
let service: LocalService
let secret: Buffer
const ends: (() => Promise<void>)[] = []

beforeAll(async () => {
  const { AUTH_HS256_SECRET } = await freshSecrets()
  secret = Buffer.from(AUTH_HS256_SECRET, 'base64url')
  const steady = await startSource((response) => response.end(keySetOf(steadyKey)))
  const failing = await startSource(() => undefined)
  const list = [
    { issuer: STEADY, audience: 'edge-mfa', jwks_url: steady },
    { issuer: FAILING, audience: 'edge-mfa', jwks_url: failing },
    { issuer: SHARED, audience: 'edge-mfa', hs256_secret: AUTH_HS256_SECRET },
  ]
  const single = { AUTH_ISSUER: '', AUTH_AUDIENCE: '', AUTH_HS256_SECRET: '' }
  service = await startLocalService({ ...single, AUTH_ISSUERS: JSON.stringify(list) })
  ends.push(service.end)
}, START_TIMEOUT_MS)

afterAll(() => Promise.all(ends.map((end) => end())))

function newKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

function keySetOf(key: KeyObject): string {
  return JSON.stringify({ keys: [{ ...createPublicKey(key).export({ format: 'jwk' }), kid: KID }] })
}

async function startSource(answer: (response: ServerResponse) => unknown): Promise<string> {
  const { url, close } = await listen(createServer((_request, response) => answer(response)))
  ends.push(close)
  return `${url}/jwks.json`
}

function tokenOf(issuer: string, key: KeyObject | Buffer): string {
  const signing = key instanceof Buffer ? { algorithm: 'HS256' as const } : { algorithm: 'RS256' as const, keyid: KID }
  return jwt.sign({ sub: 'alice' }, key, { issuer, audience: 'edge-mfa', expiresIn: 600, ...signing })
}

async function statusOf(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` }
  return (await fetch(`${service.url}/api/user/profile/mfa`, { headers })).status
}

describe('issuers that are another JWT library', () => {
  it('are accepted by their own keys', async () => {
    expect(await statusOf(tokenOf(STEADY, steadyKey))).toBe(200)
    expect(await statusOf(tokenOf(SHARED, secret))).toBe(200)
  })

  it.each<[string, () => string]>([
    ['a key set by the key of another, of the same id', () => tokenOf(STEADY, failingKey)],
    ['a key set by the shared secret', () => tokenOf(STEADY, secret)],
    ['a shared secret by the key of another', () => tokenOf(SHARED, steadyKey)],
    ['nobody', () => tokenOf('https://stranger.example', steadyKey)],
  ])('are refused when crossed: %s', async (_, sign) => {
    expect(await statusOf(sign())).toBe(401)
  })

  it('do not wait for the key set of another, which never answers', async () => {
    const answered: number[] = []
    const note = (status: number) => void answered.push(status)
    const waiting = Array.from({ length: 8 }, () => statusOf(tokenOf(FAILING, failingKey)).then(note))
    const served = await Promise.all(Array.from({ length: 8 }, () => statusOf(tokenOf(STEADY, steadyKey))))
    expect(answered).toEqual([])
    expect(new Set(served)).toEqual(new Set([200]))
    await Promise.all(waiting)
    expect(new Set(answered)).toEqual(new Set([503]))
  })
})

describe('a second local issuer', () => {
  const settings = Object.fromEntries(
    Object.entries(environment()).map(([name, value]): [string, string] => [name, String(value)]),
  )

  it('is a valid list beside the first, which alone is privileged', () => {
    const loaded = loadConfig({ ...settings, ...withSecondIssuer(settings) })
    expect(loaded.ok && loaded.value.issuers.map(({ iss, privileged }) => [iss, privileged])).toEqual([
      ['https://issuer.example', true],
      [SECOND_ISSUER, false],
    ])
  })

  it('signs tokens with a secret of its own, also by the settings of the first', async () => {
    const { hs256_secret } = findIssuer({ ...settings, ...withSecondIssuer(settings) }, SECOND_ISSUER)
    expect(hs256_secret).not.toBe(settings['AUTH_HS256_SECRET'])
    const token = await signAccessToken(settings, { sub: 'alice', issuer: SECOND_ISSUER, expiresInSeconds: 60 })
    expect(jwt.verify(token, Buffer.from(hs256_secret, 'base64url'))).toMatchObject({ iss: SECOND_ISSUER })
  })

  it('is named among the known ones when another is asked for', () => {
    expect(() => findIssuer(settings, 'https://stranger.example')).toThrow(`https://issuer.example, ${SECOND_ISSUER}`)
  })
})
