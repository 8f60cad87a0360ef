import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@libsql/client/http'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshSecrets } from '../../scripts/lib/settings.ts'
import { signAccessToken } from '../../scripts/lib/token.ts'
import { isLong, report, sized } from '../lib/run.ts'
import { ask, join, newSub } from './client.ts'
import { type Fleet, startFleet, withCron } from './fleet.ts'
import { freshKeys, newIssuerKey, rotationOf, settingsOf, verifierOf } from './keys.ts'
import { startReceiver } from './receiver.ts'
import { runScript } from './script.ts'
import { startSource } from './source.ts'
import { startTraffic } from './traffic.ts'

const TIMEOUT_MS = 300_000
const CLIENTS = sized({ short: 3, long: 6 })
const LIVES = sized({ short: 4, long: 30 })
const ROUNDS = sized({ short: 1, long: 2 })
/** Requests of the newer version before the older one goes. */
const TOGETHER = sized({ short: 25, long: 100 })
/** Two hundred secrets a tick. */
const MOST_TICKS = 20
/** A key that was just published is found this late at most: so often is the source asked for an unknown one. */
const COOLDOWN_MS = 31_000

let script: string

beforeAll(async () => {
  script = withCron()
}, TIMEOUT_MS)

/** Fires the cron until nothing is sealed under a key any more, as `npm run keys -- status` tells. */
async function resealAll(service: Fleet, key: string): Promise<number> {
  const [keyId = ''] = key.split(':')
  for (let ticks = 1; ticks <= MOST_TICKS; ticks += 1) {
    await service.tick()
    const env = { TURSO_DATABASE_URL: service.databaseUrl }
    const { output } = await runScript('keys', { env, args: ['status'] })
    if (output.includes(`${keyId}: 0 sealed secrets`)) return ticks
  }
  throw new Error('secrets are left under the old key')
}

/** What `npm run outbox -- retry` and the cron have left when everything is delivered: nothing. */
async function deliverRest(service: Fleet): Promise<number> {
  await runScript('outbox', { env: { TURSO_DATABASE_URL: service.databaseUrl }, args: ['retry'] })
  await service.tick()
  return count(service.databaseUrl, 'outbox')
}

async function count(url: string, table: 'event' | 'outbox'): Promise<number> {
  const client = createClient({ url })
  const { rows } = await client.execute(`SELECT count(*) FROM ${table}`)
  client.close()
  return Number(rows[0]?.[0])
}

describe('the drill of rotating every key under traffic', () => {
  it('is noticed by nobody, and the old keys are of no use any more', { timeout: TIMEOUT_MS }, async () => {
    let keys = await freshKeys({ AUTH_ISSUER: 'https://issuer.example', AUTH_AUDIENCE: 'edge-mfa' })
    const receiver = await startReceiver(keys.webhook)
    const overrides = { ...settingsOf(keys), WEBHOOK_URL: receiver.url }
    const service = await startFleet({ script, overrides })
    const verifier = verifierOf(service)
    await verifier.refresh()
    const sign = (sub: string) => keys.issuer.sign(sub)
    const traffic = startTraffic(service, { clients: CLIENTS, sign, onStepUp: verifier.check })
    let ticks = 0
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = keys
        const next = await freshKeys(service.settings())
        const { announced, taken, over } = rotationOf(old, next)
        await traffic.more(LIVES)
        const elder = await join(service, sign)
        await service.deploy(announced, { together: TOGETHER })
        // The 300 s for which verifiers may keep the key set are over.
        await verifier.refresh()
        receiver.know(next.webhook)
        keys = next
        await service.deploy(taken, { together: TOGETHER })
        await traffic.forget()
        ticks += await resealAll(service, old.master)
        // So are the 5 minutes for which step-up tokens of the old key are good.
        await verifier.refresh()
        await service.deploy(over, { together: TOGETHER })
        await traffic.more(LIVES)

        const token = await sign(elder.sub)
        const challenge = async (body: object) => (await ask(service, { token, path: '/challenge', body })).status
        expect(await challenge({ code: elder.code(1) })).toBe(200)
        expect(await challenge({ backup_code: elder.backupCodes[0] })).toBe(400)
        expect((await ask(service, { token, path: '' })).body['backup_codes']).toEqual({ total: 10, remaining: 0 })
        expect((await ask(service, { token: await old.issuer.sign(elder.sub), path: '' })).status).toBe(401)
      }
      await traffic.end()
      expect(traffic.wrong).toEqual([])
      expect(verifier.refused).toEqual([])
      expect(await deliverRest(service)).toBe(0)
      expect(receiver.refused()).toBe(0)
      expect(receiver.received.size).toBe(await count(service.databaseUrl, 'event'))
      report('rotating every key under traffic', {
        ...traffic.figures(),
        rotations: ROUNDS,
        'ticks to seal anew': ticks,
        webhooks: receiver.received.size,
        'of them twice': [...receiver.received.values()].filter((times) => times > 1).length,
      })
    } finally {
      await traffic.end()
      await service.end()
      await receiver.end()
    }
  })
})

describe('the drill of rotating the keys of the access tokens', () => {
  it('at the issuer’s address is noticed by nobody, also when the address is down then', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const names = { AUTH_ISSUER: 'https://issuer.example', AUTH_AUDIENCE: 'edge-mfa' }
    const [old, next] = [await newIssuerKey(names), await newIssuerKey(names)]
    const source = await startSource(old.jwk)
    const service = await startFleet({
      script,
      overrides: { ...names, AUTH_HS256_SECRET: '', AUTH_JWKS_URL: source.url },
    })
    let signing = old
    const traffic = startTraffic(service, { clients: CLIENTS, sign: (sub) => signing.sign(sub) })
    const status = async () => ask(service, { path: '', token: await next.sign(newSub()) })
    try {
      await traffic.more(LIVES)
      source.publish(old.jwk, next.jwk)
      if (isLong) await sleep(COOLDOWN_MS)
      else await service.deploy({}, { together: 10 })
      signing = next
      await traffic.more(LIVES)
      const asked = source.asked()
      source.publish()
      await traffic.more(LIVES)
      await traffic.end()
      expect(traffic.wrong).toEqual([])

      await service.deploy({}, { together: 0 })
      const unavailable = await status()
      expect(unavailable).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) })
      source.publish(next.jwk)
      await sleep(Number(unavailable.retryAfter) * 1_000)
      expect(await status()).toMatchObject({ status: 200 })
      expect((await ask(service, { path: '', token: await old.sign(newSub()) })).status).toBe(401)
      report('rotating the issuer’s keys at their address, under traffic', {
        ...traffic.figures(),
        'times the address was asked': asked,
      })
    } finally {
      await traffic.end()
      await service.end()
      await source.end()
    }
  })

  it('that are one shared secret ends the tokens of the old one at once', { timeout: TIMEOUT_MS }, async () => {
    const { AUTH_HS256_SECRET } = await freshSecrets()
    const service = await startFleet({ script })
    try {
      const sign = () => signAccessToken(service.settings(), { sub: newSub(), expiresInSeconds: 600 })
      const status = async (token: string) => (await ask(service, { path: '', token })).status
      const before = await sign()
      expect(await status(before)).toBe(200)
      await service.deploy({ AUTH_HS256_SECRET }, { together: 0 })
      expect(await status(before)).toBe(401)
      expect(await status(await sign())).toBe(200)
    } finally {
      await service.end()
    }
  })
})
